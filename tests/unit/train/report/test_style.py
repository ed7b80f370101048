import re
from itertools import product
from pathlib import Path

import pytest
from trieur_train.report.page import TEMPLATES

LEAST_CONTRAST = 4.5
SHADES = range(1, 7)

Colour = tuple[float, float, float]


def palette(scheme: str) -> dict[str, str]:
    """The custom properties of a colour scheme; dark takes over what it does not change."""
    style = Path(TEMPLATES / "report.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", style, flags=re.DOTALL)
    found = dict(re.findall(r"--([a-z-]+): ([^;]+);", light))
    if scheme == "dark":
        found |= dict(re.findall(r"--([a-z-]+): ([^;]+);", dark))
    return found


def colour(value: str) -> Colour:
    numbers = [int(value[at : at + 2], 16) for at in (1, 3, 5)] if value[0] == "#" else map(int, value.split())
    red, green, blue = (number / 255 for number in numbers)
    return red, green, blue


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG 2, from 1 to 21."""

    def luminance(value: Colour) -> float:
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in value]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def laid_over(front: Colour, share: float, back: Colour) -> Colour:
    red, green, blue = (share * above + (1 - share) * below for above, below in zip(front, back, strict=True))
    return red, green, blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read(scheme: str) -> None:
    colours = {name: colour(value) for name, value in palette(scheme).items()}
    for front, back in product(("ink", "soft", "link"), ("card", "page")):
        assert contrast(colours[front], colours[back]) >= LEAST_CONTRAST, (front, back)
    for front in ("ink", "link"):
        assert contrast(colours[front], colours["notice"]) >= LEAST_CONTRAST, front


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["right", "wrong"])
def test_the_numbers_in_the_matrix_can_be_read(scheme: str, kind: str) -> None:
    colours = {name: colour(value) for name, value in palette(scheme).items()}
    style = Path(TEMPLATES / "report.css").read_text(encoding="utf-8")
    for shade in SHADES:
        share = float(re.findall(rf"\.{kind}{shade} \{{ --shade: ([.\d]+);", style)[0])
        assert contrast(colours["ink"], laid_over(colours[kind], share, colours["card"])) >= LEAST_CONTRAST, shade


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("line", ["model", "linear"])
def test_lines_can_be_told_from_the_card(scheme: str, line: str) -> None:
    colours = {name: colour(value) for name, value in palette(scheme).items()}
    assert contrast(colours[line], colours["card"]) >= 3
    assert contrast(colours["ink"], colours[f"{line}-bar"]) >= 3
