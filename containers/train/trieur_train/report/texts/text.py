"""What an entry of the catalogue is."""

from typing import NamedTuple


class Text(NamedTuple):
    """The same words in both languages; `{name}` stands for what is filled in."""

    en: str
    fr: str


class Noun(NamedTuple):
    """A noun in both languages: one of it, several of it."""

    en: tuple[str, str]
    fr: tuple[str, str]
