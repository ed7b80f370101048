"""When two texts are the same text, and when two labels are spellings of one."""

import re
import unicodedata
from typing import Final

_WHOLE_NUMBER: Final = re.compile(r"([+-]?[0-9]+)\.0+")


def normalised(text: str) -> str:
    """The text in Unicode's NFC, case folded, its blanks collapsed and its ends stripped.

    Two texts that are equal in this form are the same text: they never lie in two splits, and should bear the same
    labels.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.casefold().split())


def label_key(label: str) -> str:
    """Equal for labels that differ only by case, accents' normal form, blanks or a number's decimal zeros."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFD", label).casefold())
    key = "".join(folded.split())
    whole = _WHOLE_NUMBER.fullmatch(key)
    return whole[1] if whole else key
