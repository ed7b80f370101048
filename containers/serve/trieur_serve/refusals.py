"""Why a request gets no prediction, in the one sentence that its answer and the log hold."""


class Refused(Exception):
    """A request that gets `status` (4xx or 503) and one sentence instead of a prediction."""

    def __init__(self, status: int, sentence: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = headers or {}


def unavailable(sentence: str) -> Refused:
    """503, for what another try in a second may find changed."""
    return Refused(503, sentence, {"Retry-After": "1"})
