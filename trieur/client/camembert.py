"""The endpoint of the backend camembert: our inference container behind SageMaker's InvokeEndpoint."""

import json
import math
import re
from collections.abc import Sequence
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from trieur import names, predictions
from trieur.client.aws_errors import code_of, connection_error, said_by, service_error
from trieur.client.endpoint import Limits
from trieur.client.errors import ClassifierError, EndpointFailed, NoSuchEndpoint, NotReady, TextRefused, Throttled
from trieur.client.prediction import Prediction
from trieur.client.services import Services
from trieur.dataset.model import Mode
from trieur.predictions import DECIMALS, MalformedPrediction
from trieur.settings import Backend

_TOO_SLOW: Final = (0, 408, 504)


class CamembertEndpoint:
    """See `trieur.client.endpoint.Endpoint`.

    `mode` is what the caller knows of the model. Without it, an answer whose probabilities add up to 1 counts as
    multi-class: the endpoint does not say, and rounds each to six decimals.
    """

    backend: Backend = "camembert"
    # The container works through 32 texts at a time, and has to answer within 60 seconds, long texts included.
    limits = Limits(texts=64, bytes=64_000)

    def __init__(
        self, services: Services, deployment: str, classifier: str, mode: Mode | None, threshold: float | None
    ) -> None:
        self.name = names.endpoint(deployment, classifier)
        self._services = services
        self._classifier = classifier
        self._mode = mode
        self._threshold = threshold

    def ask(self, texts: Sequence[str]) -> list[Prediction]:
        try:
            answer = self._services.runtime().invoke_endpoint(
                EndpointName=self.name,
                ContentType="application/json",
                Accept="application/json",
                Body=json.dumps({"texts": list(texts)}).encode(),
            )
            body = answer["Body"].read()
        except ClientError as error:
            raise self._in_words(error) from error
        except (BotoCoreError, ValueError) as error:
            raise connection_error(error) from error
        try:
            answered = predictions.parse_predictions(body)
        except MalformedPrediction as error:
            raise EndpointFailed(f"{error} Is {self.name} an endpoint of Trieur's?") from error
        if len(answered) != len(texts):
            raise EndpointFailed(f"{self.name} answered {len(answered):,} predictions to {len(texts):,} texts.")
        return [self._prediction(classes) for classes in answered]

    def _prediction(self, classes: predictions.Prediction) -> Prediction:
        return Prediction(classes, self._mode or _mode_of(classes), self.backend, self._threshold)

    def _in_words(self, error: ClientError) -> ClassifierError:
        code, said = code_of(error), said_by(error)
        if code == "ModelError":
            return self._container_error(error.response)
        if code == "ModelNotReadyException":
            return NotReady(f"{self.name} is starting: ask again in a minute.")
        if code == "ServiceUnavailable":
            return NotReady(f"{self.name} is not available for the moment: ask again in a minute.")
        if code == "ValidationError" and "not found" in said:
            return NoSuchEndpoint(
                f"Endpoint {self.name} does not exist, or is not in service yet: drop a dataset at"
                f" datasets/{self._classifier}/ in the inbox bucket, wait until its run is LIVE, and ask again."
            )
        if code == "ValidationError":
            return TextRefused(f"{self.name} does not take it: {said}.")
        return service_error(error, self.name, f"sagemaker:InvokeEndpoint on endpoint/{self.name}")

    def _container_error(self, response: Any) -> ClassifierError:
        status, message = int(response.get("OriginalStatusCode", 500)), str(response.get("OriginalMessage", ""))
        sentence = _sentence(message)
        if status in _TOO_SLOW:
            return TextRefused(f"{self.name} took longer than the 60 seconds that SageMaker waits: shorten the text.")
        if status in (429, 503):
            return Throttled(f"{self.name} is asked faster than it answers: {sentence}")
        if 400 <= status < 500:
            return TextRefused(sentence)
        return EndpointFailed(
            f"The container of {self.name} failed ({status}): {sentence} Its log group is"
            f" /aws/sagemaker/Endpoints/{self.name}."
        )


def _mode_of(classes: predictions.Prediction) -> Mode:
    total = math.fsum(one.probability for one in classes)
    return "multi-class" if abs(total - 1) <= 10**-DECIMALS * len(classes) else "multi-label"


def _sentence(message: str) -> str:
    """What the container says: its refusals are `{"error": "...", "request_id": "..."}`, others' are anything."""
    try:
        said = json.loads(message)["error"]
    except (ValueError, KeyError, TypeError):
        said = message[:200].strip() or "it gives no reason"
    # The client asks for one text too as a list of one.
    said = re.sub(r"^texts\[\d+\]", "The text", str(said))
    return said if said.endswith(".") else f"{said}."
