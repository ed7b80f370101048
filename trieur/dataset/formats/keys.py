"""Under which keys, or in which columns, people keep texts and labels."""

from collections.abc import Iterable
from typing import Final

from trieur.dataset.model import DatasetRefused
from trieur.dataset.wording import first_listed, quoted

# The first of each wins over the others where several stand in one row.
TEXT_KEYS: Final = ("text", "sentence", "utterance", "question", "document", "review")
LABEL_KEYS: Final = ("label", "intent", "class", "category", "labels")
# Names of several labels each.
PLURAL_KEYS: Final = frozenset({"labels"})


def same_key(key: str) -> str:
    """Equal for keys that differ by case and outer blanks."""
    return key.strip().casefold()


def is_plural(key: str) -> bool:
    return same_key(key) in PLURAL_KEYS


def candidates(keys: Iterable[str], names: tuple[str, ...]) -> list[str]:
    return [key for key in keys if same_key(key) in names]


def choose(found: list[str], names: tuple[str, ...], where: str) -> str:
    """The one of the keys `found` that holds what `names` stand for.

    Raises DatasetRefused when several might; `where` says in which row.
    """
    if len(found) == 1:
        return found[0]
    primary = [key for key in found if same_key(key) == names[0]]
    if len(primary) == 1 and not any(map(is_plural, found)):
        return primary[0]
    raise DatasetRefused(
        f"{where} has {first_listed(map(quoted, found), len(found))}, and only one can be the {names[0]}: rename or"
        " remove the others."
    )


def ignored(found: list[str], chosen: str) -> list[str]:
    """What to say about the keys that might have been chosen."""
    others = [key for key in found if key != chosen]
    if not others:
        return []
    return [f"{quoted(chosen)} is read and {first_listed(map(quoted, others), len(others))} is not."]
