"""The reliability diagram: how sure the model was against how often it was right."""

import math
from dataclasses import dataclass
from typing import Any

from trieur_train.report.charts import Tick
from trieur_train.report.language import Words

SIZE = 360
LEFT, RIGHT, TOP, BOTTOM = 56, 20, 20, 50
SMALLEST_RADIUS, LARGEST_RADIUS = 4.0, 18.0
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Disc:
    """A calibration bin: where it stands in the drawing, and how high the diagonal is there."""

    x: float
    y: float
    radius: float
    diagonal_y: float
    text: str


@dataclass(frozen=True)
class ReliabilityDiagram:
    """Confidence from left to right, accuracy upwards, both from 0 to 1, in a square drawing of SIZE."""

    discs: list[Disc]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    size: int = SIZE
    left: int = LEFT
    right: int = SIZE - RIGHT
    top: int = TOP
    bottom: int = SIZE - BOTTOM


def reliability_diagram(words: Words, calibration: dict[str, Any]) -> ReliabilityDiagram:
    """The `calibration` of metrics.json as discs whose area follows their number of examples."""
    bins = calibration["bins"]
    most = max(one["examples"] for one in bins)
    return ReliabilityDiagram(
        [
            Disc(
                _x(one["confidence"]),
                _y(one["accuracy"]),
                max(SMALLEST_RADIUS, LARGEST_RADIUS * math.sqrt(one["examples"] / most)),
                _y(one["confidence"]),
                words.text(
                    "calibration.point",
                    examples=words.count("answer", one["examples"]),
                    confidence=words.percent(one["confidence"]),
                    accuracy=words.percent(one["accuracy"]),
                ),
            )
            for one in bins
        ],
        [Tick(_x(share), words.percent(share, 0)) for share in TICKS],
        [Tick(_y(share), words.percent(share, 0)) for share in TICKS],
    )


def calibration_sentences(words: Words, calibration: dict[str, Any]) -> list[str]:
    """What the temperature is and does."""
    temperature = calibration["temperature"]
    sentences = [
        words.text(
            "calibration.temperature",
            temperature=words.decimal(temperature, 2),
            before=words.percent(calibration["test_error_before"]),
            after=words.percent(calibration["test_error_after"]),
            loss_before=words.decimal(calibration["validation_loss_before"], 3),
            loss_after=words.decimal(calibration["validation_loss_after"], 3),
        )
    ]
    if round(temperature, 2) != 1:
        sentences.append(words.text("calibration.overconfident" if temperature > 1 else "calibration.underconfident"))
    return sentences


def _x(share: float) -> float:
    return LEFT + (SIZE - LEFT - RIGHT) * share


def _y(share: float) -> float:
    return SIZE - BOTTOM - (SIZE - TOP - BOTTOM) * share
