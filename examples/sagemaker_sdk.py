"""Ask a classifier's live endpoint through the SageMaker Python SDK v3 (`pip install sagemaker-core`).

    python examples/sagemaker_sdk.py questions "Qui est Marie Curie ?" "Comment ça va ?"

Set AWS_ENDPOINT_URL to ask the local AWS (`make local` prints it) instead of the real one.
"""

import argparse
import json
import logging
import sys
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from sagemaker.core.resources import Endpoint


def predict(endpoint: Endpoint, texts: list[str]) -> list[list[dict[str, Any]]]:
    """One prediction a text, in the order asked: a list of {"Class", "Probability"}, highest first."""
    answer = endpoint.invoke(
        body=json.dumps({"texts": texts}), content_type="application/json", accept="application/json"
    )
    predictions: list[list[dict[str, Any]]] = json.loads(answer.body.read())
    return predictions


def main() -> int:
    parser = argparse.ArgumentParser(description="Ask a classifier's endpoint through the SageMaker SDK.")
    parser.add_argument("classifier", help="the classifier's name, for example questions")
    parser.add_argument("texts", nargs="+", metavar="text", help="a text to classify")
    arguments = parser.parse_args()
    # The SDK tells of everything it does.
    logging.getLogger("sagemaker").setLevel(logging.ERROR)
    try:
        session = boto3.Session()
        endpoint = Endpoint.get(f"trieur-{arguments.classifier}", session=session, region=session.region_name)
        print(f"{endpoint.endpoint_name} is {endpoint.endpoint_status}, on {endpoint.endpoint_config_name}.")
        predictions = predict(endpoint, arguments.texts)
    except ClientError as error:
        print(f"trieur-{arguments.classifier} did not answer: {error.response['Error']['Message']}", file=sys.stderr)
        return 1
    except BotoCoreError as error:
        print(f"AWS could not be asked: {error}", file=sys.stderr)
        return 1
    for text, prediction in zip(arguments.texts, predictions, strict=True):
        print(f"{prediction[0]['Class']}  {prediction[0]['Probability']:.1%}  {text}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
