import re
import string
from pathlib import Path

import pytest
from trieur_train.report import texts
from trieur_train.report.language import Words
from trieur_train.report.texts import CATALOGUES, MONTHS, NOUNS, TEXTS

REPORT = Path(texts.__file__).parents[1]


def placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_no_key_is_in_two_catalogues() -> None:
    assert len(TEXTS) == sum(len(catalogue) for catalogue in CATALOGUES)


@pytest.mark.parametrize("key", TEXTS)
def test_every_text_is_in_both_languages_with_the_same_gaps(key: str) -> None:
    text = TEXTS[key]
    assert text.en.strip()
    assert text.fr.strip()
    assert placeholders(text.en) == placeholders(text.fr)


def test_nouns_and_months_are_in_both_languages() -> None:
    assert all(len(noun.en) == len(noun.fr) == 2 and all(noun.en + noun.fr) for noun in NOUNS.values())
    assert len({month.en for month in MONTHS}) == len({month.fr for month in MONTHS}) == 12


def test_every_text_is_used_somewhere() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in [*REPORT.glob("*.py"), *REPORT.glob("templates/*")])
    literals = set(re.findall(r'"([a-z_][\w.-]*)"', sources))
    # Keys that are put together: a beginning, and what the metrics say.
    beginnings = tuple(re.findall(r'f"([a-z_.]+\.)\{', sources) + re.findall(r'"([a-z_.]+\.)" ~', sources))
    ends = tuple(re.findall(r'~ \(?"(\.[a-z.-]+)"', sources))
    assert [
        key for key in TEXTS if key not in literals and not key.startswith(beginnings) and not key.endswith(ends)
    ] == []


def test_french_double_punctuation_keeps_to_its_word() -> None:
    for key, text in TEXTS.items():
        shown = Words("fr").text(key, **{str(name): "x" for name in placeholders(text.fr)})
        assert not re.search(r" [:;?!%»]|« ", shown), key


def test_an_unknown_text_is_an_error() -> None:
    with pytest.raises(KeyError):
        Words("fr").text("nowhere")
