"""The synchronous client."""

import threading
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from types import TracebackType
from typing import Self, overload

from trieur.client.asking import Answer
from trieur.client.base import CHUNKS_AHEAD, AskedClassifier
from trieur.client.chunks import in_chunks
from trieur.client.errors import TextRefused
from trieur.client.prediction import Prediction


class Classifier(AskedClassifier):
    """A live classifier, asked over the network. Safe to use from several threads.

        classifier = Classifier("questions")
        classifier.predict("Qui est Marie Curie ?").label       # 'WHO_IS'

    `name` is the classifier's. `backend` says whose endpoint is asked; None asks the first that answers, camembert's
    before comprehend's, and keeps to it. `deployment` is the deployment's setting `name`, from which endpoints have
    theirs. `session`, `region` and `endpoint_url` are boto3's; without them the environment counts, AWS_ENDPOINT_URL
    included. `mode` and `threshold` are the model's, where they are known: run.json has them as `dataset.mode` and
    `metrics.rejection.threshold`. `connections` requests are under way at once. An endpoint that throttles, or is
    starting, is asked again for `patience` seconds.

    Nothing is connected before the first question. Raises ValueError for what can be no classifier's name. Every
    question raises trieur.client.ClassifierError where there is no answer.
    """

    @overload
    def predict(self, text: str) -> Prediction: ...
    @overload
    def predict(self, text: list[str] | tuple[str, ...]) -> list[Prediction]: ...
    def predict(self, text: str | list[str] | tuple[str, ...]) -> Prediction | list[Prediction]:
        """The prediction of one text or, of a list, one of each in its order: see `predict_many`."""
        if isinstance(text, str):
            return self._asker.prediction(text, threading.Event())
        return self.predict_many(text)

    def predict_many(self, texts: Iterable[str]) -> list[Prediction]:
        """One prediction a text, in their order, asked many at a time.

        Raises TextRefused for the first text that is refused, with its `position`; `stream` goes on after it.
        """
        with closing(self.stream(texts)) as answers:
            return list(map(require_prediction, answers))

    def stream(self, texts: Iterable[str]) -> Generator[Prediction | TextRefused, None, None]:
        """For each text, in their order, its prediction or why it was refused.

        Any number of texts: they are taken as answers are, a few requests ahead. Raises what is wrong with more than
        a text.
        """
        require_several(texts)
        given_up = threading.Event()
        pool = ThreadPoolExecutor(self._connections, thread_name_prefix=f"ask-{self.name}")
        under_way = deque[Future[list[Answer]]]()
        position = 0
        try:
            for chunk in in_chunks(texts, lambda: self._asker.limits):
                under_way.append(pool.submit(self._asker.answers, chunk, given_up))
                if len(under_way) >= self._connections * CHUNKS_AHEAD:
                    for answer in under_way.popleft().result():
                        yield placed(answer, position)
                        position += 1
            while under_way:
                for answer in under_way.popleft().result():
                    yield placed(answer, position)
                    position += 1
        finally:
            given_up.set()
            pool.shutdown(wait=True, cancel_futures=True)

    def close(self) -> None:
        """Close the connections; a later question opens them again."""
        self._services.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def placed(answer: Answer, position: int) -> Answer:
    """The answer to the text at `position`, which a refusal then names."""
    return answer.at(position) if isinstance(answer, TextRefused) else answer


def require_prediction(answer: Answer) -> Prediction:
    if isinstance(answer, TextRefused):
        raise answer
    return answer


def require_several(texts: object) -> None:
    """A text is iterable too, by its letters, which nobody means."""
    if isinstance(texts, str):
        raise TypeError("One text was given for several: give a list of texts, or ask `predict`.")
