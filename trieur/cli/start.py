"""`trieur start`: have the endpoint of a classifier created again from a model it already has."""

import json
from enum import StrEnum
from typing import Annotated, Any

import typer
from botocore.exceptions import ClientError

from trieur.account import Account
from trieur.cli.options import (
    DEFAULT_STACK,
    AsJson,
    Classifier,
    Local,
    Region,
    Stack,
    connect,
    require_classifier_name,
)
from trieur.cli.output import WRONG_USAGE, Failed, fails_in_a_sentence, print_json
from trieur.pipeline.restart import START_ENDPOINT


class BackendChoice(StrEnum):
    """`Backend` as typer wants it."""

    camembert = "camembert"
    comprehend = "comprehend"


class _NoAnswer(Failed):
    exit_code = WRONG_USAGE


@fails_in_a_sentence
def start(
    classifier: Classifier,
    backend: Annotated[
        BackendChoice | None,
        typer.Option("--backend", help="Whose endpoint; by default that of the classifier's only backend."),
    ] = None,
    local: Local = False,
    stack: Stack = DEFAULT_STACK,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Start the endpoint of CLASSIFIER again from its newest model, without training.

    For an endpoint that was deleted because nobody asked it, or by hand. It takes some minutes until it answers; the
    outcome is published to the outcomes topic.

    With --json, the object has the keys outcome (starting, live or refused), message, classifier, backend and run_id.

    The exit status is 0 if the endpoint is being started or answers already, 1 if it cannot be, 2 for wrong usage, or
    where AWS cannot be asked.

    Examples:

        trieur start questions
        trieur start questions --backend comprehend --json
    """
    require_classifier_name(classifier)
    detail = {"classifier": classifier} | ({"backend": backend.value} if backend else {})
    answer = _ask(connect(local, stack, region), {"detail-type": START_ENDPOINT, "detail": detail})
    was_refused = answer["outcome"] == "refused"
    if as_json:
        print_json(answer)
    else:
        typer.echo(answer["message"], err=was_refused)
    if was_refused:
        raise typer.Exit(Failed.exit_code)


def _ask(account: Account, event: dict[str, Any]) -> dict[str, Any]:
    function = f"{account.name}-start-endpoint"
    with account.asking():
        try:
            answer = account.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                raise _NoAnswer(
                    f"There is no function {function} in this account and region: was it deleted?"
                ) from error
            raise
        answered: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise _NoAnswer(f"The function {function} failed: {answered.get('errorMessage')}. Its log group says more.")
    return answered
