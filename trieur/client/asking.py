"""Texts in, predictions out: which endpoint is asked, how patiently, and which text of several was refused."""

import re
import threading
from collections.abc import Sequence
from typing import Final

from trieur import names
from trieur.client.camembert import CamembertEndpoint
from trieur.client.comprehend import ComprehendEndpoint
from trieur.client.endpoint import Endpoint, Limits
from trieur.client.errors import AccessRefused, NoSuchEndpoint, TextRefused, Unreachable
from trieur.client.patience import Patience
from trieur.client.prediction import Prediction
from trieur.client.services import Services
from trieur.dataset.model import Mode
from trieur.dataset.wording import code_point
from trieur.settings import BACKENDS, Backend

Answer = Prediction | TextRefused

# What neither backend takes; refused here, so that both answer alike.
_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")


class Asker:
    """Asks the endpoint of `backend` or, where it is None, of the first backend that has one. Safe to use from
    several threads."""

    def __init__(
        self,
        classifier: str,
        *,
        backend: Backend | None,
        deployment: str,
        services: Services,
        patience: Patience,
        mode: Mode | None,
        threshold: float | None,
    ) -> None:
        """Raises ValueError, with a sentence, for names that can be no classifier's or backend's."""
        if not names.is_classifier(classifier):
            raise ValueError(
                f"{classifier!r} is no classifier's name: lower-case letters and digits, with single hyphens between"
                f" them, {names.CLASSIFIER_MAX_LENGTH} characters at most."
            )
        if backend is not None and backend not in BACKENDS:
            raise ValueError(f"{backend!r} is no backend: it is one of {', '.join(BACKENDS)}, or None.")
        self.classifier = classifier
        endpoints: dict[Backend, Endpoint] = {
            "camembert": CamembertEndpoint(services, deployment, classifier, mode, threshold),
            "comprehend": ComprehendEndpoint(services, deployment, classifier, threshold),
        }
        self._patience = patience
        self._candidates = tuple(endpoints[name] for name in ([backend] if backend else BACKENDS))
        self._choosing = threading.Lock()
        self.chosen: Endpoint | None = self._candidates[0] if backend else None

    @property
    def limits(self) -> Limits:
        """Of the endpoint that will be asked, as far as that is known."""
        return (self.chosen or self._candidates[0]).limits

    def prediction(self, text: str, given_up: threading.Event) -> Prediction:
        """Of one text. Raises ClassifierError, and GivenUp once `given_up` is set."""
        [answer] = self.answers([text], given_up)
        if isinstance(answer, TextRefused):
            raise answer
        return answer

    def answers(self, texts: Sequence[str], given_up: threading.Event) -> list[Answer]:
        """For each text, in their order, its prediction or why there is none; of a number that goes into one request.

        Raises ClassifierError for what concerns all of them, and GivenUp once `given_up` is set.
        """
        refusals = [_refusal(text) for text in texts]
        good = [text for text, refusal in zip(texts, refusals, strict=True) if refusal is None]
        given = iter(self._asked(good, given_up))
        return [next(given) if refusal is None else refusal for refusal in refusals]

    def _asked(self, texts: list[str], given_up: threading.Event) -> list[Answer]:
        """A request refused for one of its texts is asked again by halves, until it is known which."""
        if not texts:
            return []
        if self.chosen is None and len(texts) > 1:
            # One text finds out whom to ask.
            with self._choosing:
                first = self._asked(texts[:1], given_up) if self.chosen is None else []
            return first + self._asked(texts[len(first) :], given_up)
        most = self.limits.texts
        if len(texts) > most:
            return self._asked(texts[:most], given_up) + self._asked(texts[most:], given_up)
        try:
            return list(self._patience.insist(lambda: self._ask(texts), given_up))
        except TextRefused as refusal:
            if len(texts) == 1:
                return [refusal]
        half = len(texts) // 2
        return self._asked(texts[:half], given_up) + self._asked(texts[half:], given_up)

    def _ask(self, texts: list[str]) -> list[Prediction]:
        chosen = self.chosen
        if chosen is not None:
            try:
                return chosen.ask(texts)
            except NoSuchEndpoint:
                if len(self._candidates) == 1:
                    raise
                # Deleted since: the other may have taken over.
                self.chosen = None
        return self._ask_first(texts)

    def _ask_first(self, texts: list[str]) -> list[Prediction]:
        """By the first endpoint that answers, which is then kept to. The caller may know, and be let, only one."""
        missing: list[NoSuchEndpoint] = []
        refused: list[AccessRefused] = []
        for endpoint in self._candidates:
            try:
                predictions = endpoint.ask(texts)
            except NoSuchEndpoint as error:
                missing.append(error)
            except AccessRefused as error:
                refused.append(error)
            except Unreachable:
                # A region may be without the service.
                if not missing:
                    raise
            except TextRefused:
                self.chosen = endpoint
                raise
            else:
                self.chosen = endpoint
                return predictions
        if refused:
            raise refused[0]
        raise NoSuchEndpoint(
            f"Classifier {self.classifier} has no endpoint in service on any backend: drop a dataset at"
            f" datasets/{self.classifier}/ in the inbox bucket and wait until its run is LIVE; a Comprehend endpoint"
            f" that was idle is started again by `trieur start {self.classifier} --backend comprehend`."
        ) from missing[0]


def _refusal(text: object) -> TextRefused | None:
    """What can be told of a text without asking."""
    if not isinstance(text, str):
        return TextRefused(f"It is of type {type(text).__name__}, and no text: give a str.")
    if not text.strip():
        return TextRefused("The text is empty: give one with words in it.")
    if bad := _NO_TEXT.search(text):
        return TextRefused(f"The text holds {code_point(bad[0])} at character {bad.start() + 1:,}: remove it.")
    return None
