"""The endpoint of the backend comprehend: Amazon Comprehend's ClassifyDocument, one text a call."""

from collections.abc import Sequence
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from trieur import names
from trieur.client.aws_errors import code_of, connection_error, said_by, service_error
from trieur.client.endpoint import Limits
from trieur.client.errors import ClassifierError, EndpointFailed, NoSuchEndpoint, TextRefused
from trieur.client.prediction import Prediction
from trieur.client.services import Services
from trieur.dataset.model import Mode
from trieur.predictions import MalformedPrediction, from_comprehend
from trieur.settings import Backend

# BatchDetect... has no counterpart for custom classifiers; a document has at most 10,000 bytes, which Comprehend says.
_ONE_TEXT: Final = Limits(texts=1, bytes=10_000)
_GONE: Final = ("ResourceNotFoundException", "ResourceUnavailableException")


class ComprehendEndpoint:
    """See `trieur.client.endpoint.Endpoint`. The answer says the mode by itself."""

    backend: Backend = "comprehend"
    limits = _ONE_TEXT

    def __init__(self, services: Services, deployment: str, classifier: str, threshold: float | None) -> None:
        self.name = names.comprehend_endpoint(deployment, classifier)
        self._services = services
        self._classifier = classifier
        self._threshold = threshold
        self._known_arn = ""

    def ask(self, texts: Sequence[str]) -> list[Prediction]:
        return [self._ask(text) for text in texts]

    def _ask(self, text: str) -> Prediction:
        try:
            answer = self._services.comprehend().classify_document(Text=text, EndpointArn=self._arn())
        except ClientError as error:
            raise self._in_words(error) from error
        except (BotoCoreError, ValueError) as error:
            raise connection_error(error) from error
        mode: Mode = "multi-class" if "Classes" in answer else "multi-label"
        try:
            classes = from_comprehend(answer)
        except MalformedPrediction as error:
            raise EndpointFailed(str(error)) from error
        if classes is None:
            raise TextRefused(f"{self.name} names no class for it.")
        return Prediction(classes, mode, self.backend, self._threshold)

    def _arn(self) -> str:
        """Comprehend wants the ARN, whose account is that of the credentials."""
        if not self._known_arn:
            meta = self._services.comprehend().meta
            place = f"arn:{meta.partition}:comprehend:{meta.region_name}:{self._services.account()}"
            self._known_arn = f"{place}:document-classifier-endpoint/{self.name}"
        return self._known_arn

    def _in_words(self, error: ClientError) -> ClassifierError:
        code = code_of(error)
        if code in _GONE:
            return NoSuchEndpoint(
                f"Comprehend endpoint {self.name} does not exist, or is not in service: it is made by a dataset dropped"
                f' under {{"comprehend": {{"endpoint": "on-demand"}}}}, deleted when idle, and made again by'
                f" `trieur start {self._classifier} --backend comprehend`."
            )
        if code == "TextSizeLimitExceededException":
            return TextRefused(f"{said_by(error)}.")
        if code == "InvalidRequestException":
            return TextRefused(f"Comprehend does not take it: {said_by(error)}.")
        return service_error(
            error, self.name, f"comprehend:ClassifyDocument on document-classifier-endpoint/{self.name}"
        )
