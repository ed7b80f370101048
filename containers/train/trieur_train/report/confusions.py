"""What was taken for what: the confusion matrix of the report, or the tables that stand for it."""

from typing import Any

from trieur_train.report.language import Words

MOST_LABELS_IN_MATRIX = 60
FEW, DENSE = 6, 20
"""Up to so many labels have large cells; above so many, small ones."""
MOST_CONFUSIONS = 10
MOST_LABELS_BY_LABEL = 60
SHADES = 6

Confusion = dict[str, Any]


def matrix(words: Words, confusion: Confusion) -> list[dict[str, Any]]:
    """The rows of the multi-class matrix; a cell of no example is None."""
    labels = confusion["labels"]
    rows = []
    for number, (label, counts) in enumerate(zip(labels, confusion["confusion_matrix"], strict=True)):
        total = sum(counts)
        cells = [
            {
                "count": words.number(count),
                "rate": _rate(count / total),
                "kind": "right" if column == number else "wrong",
                "shade": max(1, round(SHADES * count / total)),
                "predicted": labels[column],
            }
            if count
            else None
            for column, count in enumerate(counts)
        ]
        rows.append({"label": label, "number": number, "cells": cells})
    return rows


def frequent_confusions(words: Words, confusion: Confusion) -> list[dict[str, str]]:
    """The commonest wrong predictions of a multi-class matrix, at most MOST_CONFUSIONS."""
    labels = confusion["labels"]
    found = [
        (count, count / sum(counts), labels[row], labels[column])
        for row, counts in enumerate(confusion["confusion_matrix"])
        for column, count in enumerate(counts)
        if count and row != column
    ]
    return [
        {"actual": actual, "predicted": predicted, "count": words.number(count), "share": words.percent(share)}
        for count, share, actual, predicted in sorted(found, key=lambda one: (-one[0], -one[1]))[:MOST_CONFUSIONS]
    ]


def right_and_wrong(words: Words, confusion: Confusion) -> list[dict[str, str]]:
    """Each label of a multi-label matrix by itself, at most MOST_LABELS_BY_LABEL: most mistakes first."""
    rows = zip(confusion["labels"], confusion["confusion_matrix"], strict=True)
    by_mistakes = sorted(rows, key=lambda row: -(row[1][0][1] + row[1][1][0]))
    return [
        {
            "label": label,
            "found": words.number(yes[1]),
            "missed": words.number(yes[0]),
            "wrong": words.number(no[1]),
            "rightly_not": words.number(no[0]),
        }
        for label, (no, yes) in by_mistakes[:MOST_LABELS_BY_LABEL]
    ]


def _rate(share: float) -> str:
    """Whole percents without their sign, for small cells; what is there is never shown as 0, nor all of it as 100."""
    percents = round(100 * share)
    if percents == 0:
        return "<1"
    return ">99" if percents == 100 and share < 1 else str(percents)
