"""The catalogues: the same keys and the same blanks in both languages, all of them used and none missing."""

import re
from pathlib import Path
from string import Formatter

import pytest

from trieur.console.pages.costs import FIELDS
from trieur.console.place import REJECTED
from trieur.console.steps import STEPS
from trieur.console.texts import TEXTS
from trieur.console.words import Words
from trieur.runs import RunStatus

CONSOLE = Path(__file__).parents[3] / "trieur" / "console"
SOURCES = [path.read_text(encoding="utf-8") for path in (*CONSOLE.rglob("*.jinja"), *CONSOLE.rglob("*.py"))]
# Keys that are put together from what is shown.
COMPOSED = re.compile(r"^(month|status|step|state|backend|language|mode|kind|split|nav|error|costs|asking|timing)\.")


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    assert TEXTS["en"].keys() == TEXTS["fr"].keys()


def test_both_languages_fill_the_same_blanks() -> None:
    english, french = ({key: blanks(text) for key, text in TEXTS[language].items()} for language in ("en", "fr"))

    assert english == french


def test_every_text_that_is_asked_for_is_there() -> None:
    asked = {key for source in SOURCES for key in re.findall(r'(?<![\w.])(?:t|words\.text)\("([\w.-]+)"[,)]', source)}
    asked |= {f"status.{status}" for status in (*RunStatus, REJECTED)} | {f"step.{step}" for step in STEPS}
    asked |= {f"costs.{field.name}" for field in FIELDS}

    assert asked - TEXTS["en"].keys() == set()


def test_every_text_that_is_there_is_asked_for() -> None:
    everything = "\n".join(source for source in SOURCES if "TEXTS: Final[dict" not in source)
    nouns = {f"{noun}.{number}" for noun in ("example", "label", "class") for number in ("one", "several")}

    unused = {key for key in TEXTS["en"] if f'"{key}"' not in everything and not COMPOSED.match(key)} - nouns

    assert unused == set()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["1 example", "2,500 examples", "0 examples", "98.4%", "$1,298.16", "1.5 MB"]),
        (
            "fr",
            ["1 exemple", "2\u202f500 exemples", "0 exemple", "98,4 %", "1\u202f298,16 $US", "1,5 Mo"],
        ),
    ],
)
def test_numbers_are_written_as_the_language_does(language: str, said: list[str]) -> None:
    words = Words("fr" if language == "fr" else "en")

    written = [
        *(words.count("example", number) for number in (1, 2500, 0)),
        words.percent(0.984),
        words.dollars(1298.16),
        words.size(1_500_000),
    ]

    assert [text.replace("\u00a0", " ") for text in written] == said


def test_french_punctuation_keeps_to_its_word() -> None:
    assert " :" not in Words("fr").text("error.no_such_run")
    assert "\u00a0:" in Words("fr").text("error.no_such_run")
