"""`trieur start`: have the endpoint of a classifier created again from a model it already has."""

import json
from enum import StrEnum
from typing import Annotated, Any, Final

import boto3
import typer
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from trieur import names
from trieur.pipeline.restart import START_ENDPOINT

REFUSED: Final = 1
NO_ANSWER: Final = 3


class BackendChoice(StrEnum):
    """`Backend` as typer wants it."""

    camembert = "camembert"
    comprehend = "comprehend"


class _NoAnswer(Exception):
    """AWS could not be asked; one sentence for people."""


def start(
    classifier: Annotated[str, typer.Argument(metavar="CLASSIFIER", show_default=False)],
    backend: Annotated[
        BackendChoice | None,
        typer.Option("--backend", help="Whose endpoint; by default that of the classifier's only backend."),
    ] = None,
    name: Annotated[
        str, typer.Option("--deployment", metavar="NAME", help="The deployment's setting `name`.")
    ] = "trieur",
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON object instead: outcome, message, classifier, backend, run_id."),
    ] = False,
) -> None:
    """Start the endpoint of CLASSIFIER again from its newest model, without training.

    For an endpoint that was deleted because nobody asked it, or by hand. It takes some minutes until it answers; the
    outcome is published to the outcomes topic. AWS is asked with your credentials and in your region, or the local
    AWS where AWS_ENDPOINT_URL names it.

    The exit status is 0 if the endpoint is being started or answers already, 1 if it cannot be, 2 for wrong usage, 3
    if AWS could not be asked.

    Examples:

    trieur start questions

    trieur start questions --backend comprehend --json
    """
    if not names.is_classifier(classifier):
        raise typer.BadParameter(
            f"{classifier!r} is no classifier's name: lower-case letters and digits, with single hyphens between them.",
            param_hint="CLASSIFIER",
        )
    detail = {"classifier": classifier} | ({"backend": backend.value} if backend else {})
    try:
        answer = _ask(f"{name}-start-endpoint", {"detail-type": START_ENDPOINT, "detail": detail})
    except _NoAnswer as reason:
        typer.echo(
            json.dumps({"outcome": "unknown", "message": str(reason)}) if as_json else str(reason), err=not as_json
        )
        raise typer.Exit(NO_ANSWER) from reason
    was_refused = answer["outcome"] == "refused"
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
    else:
        typer.echo(answer["message"], err=was_refused)
    if was_refused:
        raise typer.Exit(REFUSED)


def _ask(function: str, event: dict[str, Any]) -> dict[str, Any]:
    try:
        answer = boto3.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
    except NoRegionError as error:
        raise _NoAnswer("No AWS region is set: set AWS_DEFAULT_REGION, or AWS_REGION, to the deployment's.") from error
    except NoCredentialsError as error:
        raise _NoAnswer(
            "No AWS credentials were found: run `aws configure`, or set AWS_ACCESS_KEY_ID and so on."
        ) from error
    except ClientError as error:
        code, said = error.response["Error"]["Code"], error.response["Error"]["Message"]
        if code == "ResourceNotFoundException":
            raise _NoAnswer(
                f"There is no function {function} in this account and region: is that the deployment's name and region?"
            ) from error
        raise _NoAnswer(f"AWS refuses to ask {function}: {said} ({code}).") from error
    except (BotoCoreError, ValueError) as error:
        raise _NoAnswer(f"AWS could not be reached: {error}.") from error
    answered: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise _NoAnswer(f"The function {function} failed: {answered.get('errorMessage')}. Its log group says more.")
    return answered
