"""What examples/README.md says of the chatbot questions."""

import json
import re
import unicodedata
from collections import Counter
from pathlib import Path

from trieur.dataset import read_dataset

FILE = Path(__file__).parents[2] / "examples" / "chatbot-questions.json"
ASKED_BY_THE_DEMO = ("Qui est-ce qui fait du nodejs ?", "Qui est Marie Curie ?", "Comment ça va ?")


def letters(text: str) -> str:
    """The text without case, accents, punctuation and blanks."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return "".join(re.findall(r"[^\W_]+", plain))


def test_the_chatbot_questions_are_what_their_readme_says() -> None:
    rows = json.loads(FILE.read_text(encoding="utf-8"))
    texts = [letters(row["text"]) for row in rows]

    assert Counter(row["label"] for row in rows) == {"WHO_IS": 130, "WHO_KNOWS_ABOUT": 130, "HOW_ARE_YOU": 130}
    assert [text for text, count in Counter(texts).items() if count > 1] == []
    assert set(texts).isdisjoint(letters(question) for question in ASKED_BY_THE_DEMO)
    dataset = read_dataset(FILE.read_bytes(), FILE.name)
    assert (len(dataset.texts), dataset.warnings) == (390, [])
