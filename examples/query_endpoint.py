"""Ask a classifier's live endpoint what it makes of some texts, with nothing but boto3.

    python examples/query_endpoint.py questions "Qui est Marie Curie ?" "Comment ça va ?"

Set AWS_ENDPOINT_URL to ask the local AWS (`make local` prints it) instead of the real one.
"""

import argparse
import json
import os
import sys
from typing import Any

import boto3
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)

CLASSES_SHOWN = 3
REFUSED_CREDENTIALS = {
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "UnrecognizedClientException",
}
SET_CREDENTIALS = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (`make local` prints dummy ones)"


class NoAnswer(Exception):
    """The endpoint gave no prediction; str() is one sentence that says why and what to do."""


def predict(classifier: str, texts: list[str]) -> list[list[dict[str, Any]]]:
    """One prediction a text, in the order asked: a list of {"Class", "Probability"}, highest first.

    Raises NoAnswer.
    """
    endpoint = f"trieur-{classifier}"
    try:
        response = boto3.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=endpoint,
            ContentType="application/json",
            Accept="application/json",
            Body=json.dumps({"texts": texts}).encode(),
        )
        predictions: list[list[dict[str, Any]]] = json.loads(response["Body"].read())
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise NoAnswer(f"No usable AWS credentials: {SET_CREDENTIALS}.") from error
    except NoRegionError as error:
        raise NoAnswer("No AWS region: set AWS_DEFAULT_REGION, for example to eu-west-1.") from error
    except EndpointConnectionError as error:
        where = os.environ.get("AWS_ENDPOINT_URL", "AWS")
        raise NoAnswer(f"Nothing answers at {where}: is the network up, or the local AWS started?") from error
    except ClientError as error:
        raise NoAnswer(_in_words(error, endpoint, classifier)) from error
    except BotoCoreError as error:
        raise NoAnswer(f"AWS could not be asked: {error}") from error
    except ValueError as error:
        # botocore's word for an AWS_ENDPOINT_URL that is no URL, json's for an answer that is no JSON.
        raise NoAnswer(f"{endpoint} could not be asked or understood: {error}.") from error
    if not isinstance(predictions, list) or len(predictions) != len(texts):
        raise NoAnswer(f"{endpoint} did not answer with one prediction for each of the {len(texts)} texts.")
    return predictions


def _in_words(error: ClientError, endpoint: str, classifier: str) -> str:
    code = error.response["Error"]["Code"]
    message = error.response["Error"]["Message"]
    if code == "ValidationError" and "not found" in message:
        return (
            f"Endpoint {endpoint} does not exist, or is not in service yet: drop a dataset under "
            f"datasets/{classifier}/ in the inbox bucket, wait until its run is LIVE, then ask again."
        )
    if code in REFUSED_CREDENTIALS:
        return f"AWS refuses these credentials ({code}): {SET_CREDENTIALS}."
    if code == "ModelError":
        return f"{endpoint} refused the request: {error.response.get('OriginalMessage', message)}"
    return f"{endpoint} did not answer ({code}): {message}"


def as_table(text: str, prediction: list[dict[str, Any]]) -> str:
    """The text, then its most probable classes, one a line."""
    shown = prediction[:CLASSES_SHOWN]
    width = max((len(row["Class"]) for row in shown), default=0)
    lines = [text, *(f"  {row['Class']:<{width}}  {row['Probability']:7.2%}" for row in shown)]
    if len(prediction) > len(shown):
        lines.append(f"  and {len(prediction) - len(shown)} more (--json shows all)")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Ask a classifier's endpoint for the class of each text.")
    parser.add_argument("classifier", help="the classifier's name, for example questions")
    parser.add_argument("texts", nargs="+", metavar="text", help="a text to classify")
    parser.add_argument("--json", action="store_true", help="print all classes, as one JSON list")
    arguments = parser.parse_args()
    try:
        predictions = predict(arguments.classifier, arguments.texts)
    except NoAnswer as no_answer:
        print(no_answer, file=sys.stderr)
        return 1
    asked = list(zip(arguments.texts, predictions, strict=True))
    if arguments.json:
        rows = [{"text": text, "prediction": prediction} for text, prediction in asked]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        print("\n\n".join(as_table(text, prediction) for text, prediction in asked))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
