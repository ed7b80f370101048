"""Everything the report says, in English and in French."""

from trieur_train.report.texts import data, job, opening, scores, trust, words
from trieur_train.report.texts.text import Text
from trieur_train.report.texts.words import MONTHS, NOUNS

__all__ = ["MONTHS", "NOUNS", "TEXTS"]

CATALOGUES = (words.TEXTS, opening.TEXTS, data.TEXTS, scores.TEXTS, trust.TEXTS, job.TEXTS)
TEXTS: dict[str, Text] = {key: text for catalogue in CATALOGUES for key, text in catalogue.items()}
