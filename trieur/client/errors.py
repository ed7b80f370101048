"""Why there is no prediction: one class a remedy. `str()` is a sentence or two for people, with that remedy."""


class ClassifierError(Exception):
    """There is no prediction; the base of all that this client raises while it asks."""


class NoSuchEndpoint(ClassifierError):
    """The classifier has no endpoint in service: nothing was dropped yet, it is being created, or it was deleted."""


class AccessRefused(ClassifierError):
    """AWS found no credentials, refused them, or does not let them ask this endpoint."""


class Unreachable(ClassifierError):
    """AWS cannot be reached: no region is set, the address is wrong, or there is no network."""


class Throttled(ClassifierError):
    """The endpoint was asked faster than it answers, for as long as the client's patience lasted."""


class NotReady(ClassifierError):
    """The endpoint was still starting when the client's patience ended."""


class EndpointFailed(ClassifierError):
    """The endpoint failed by itself, or what it answered is no prediction."""


class TextRefused(ClassifierError):
    """The text cannot be classified: it is empty, too long, or holds what a text does not.

    `position` is its index in the list it was asked with, None for a text alone.
    """

    def __init__(self, sentence: str, position: int | None = None) -> None:
        where = "" if position is None else f"Text {position + 1:,}: "
        super().__init__(where + sentence)
        self.sentence = sentence
        self.position = position

    def at(self, position: int) -> "TextRefused":
        """The same, of the text at `position` of a list."""
        return TextRefused(self.sentence, position)
