"""Intervals and McNemar's test are those of the training container, of scipy, and of by hand."""

import random
from collections import Counter

import numpy as np
import pytest
from scipy.stats import binomtest
from trieur_train.evaluation import intervals as reference

from trieur.comparison import mcnemar
from trieur.comparison.statistics import Paired
from trieur.intervals import Outcome, f1_interval, macro_f1, macro_f1_interval, of_mean_f1, wilson


@pytest.mark.parametrize(
    ("one", "other"), [(0, 0), (1, 0), (5, 5), (3, 9), (0, 20), (40, 55), (1_000, 2_500)], ids=lambda n: str(n)
)
def test_mcnemar_is_the_exact_test(one: int, other: int) -> None:
    expected = binomtest(one, one + other, 0.5).pvalue if one + other else 1.0
    assert mcnemar(one, other) == pytest.approx(expected, rel=1e-9)
    assert mcnemar(one, other) == mcnemar(other, one)


def test_mcnemar_by_hand() -> None:
    # Of 5 throws, none or all fall on one side: 2 of 32.
    assert mcnemar(0, 5) == 2 / 32
    assert not Paired(0, 5).is_significant
    assert Paired(0, 6).is_significant


@pytest.mark.parametrize(("part", "whole"), [(0, 0), (0, 10), (10, 10), (57, 60), (1, 3), (499, 500)])
def test_wilson_is_the_containers(part: int, whole: int) -> None:
    low, high = reference.wilson(part, whole)
    assert wilson(part, whole) == pytest.approx((float(low), float(high)))


def test_f1_bounds_are_the_containers() -> None:
    counts = [(5, 7, 6), (0, 2, 1), (9, 9, 9), (1, 4, 10)]
    low, high = reference.f1_intervals(*(np.array(column) for column in zip(*counts, strict=True)))
    assert [f1_interval(*count) for count in counts] == [
        pytest.approx(bounds) for bounds in zip(low.tolist(), high.tolist(), strict=True)
    ]


def outcomes(seed: int, labels: int, examples: int) -> tuple[Counter[Outcome], np.ndarray, np.ndarray]:
    chance = random.Random(seed)
    names = [f"label {number}" for number in range(labels)]
    pairs = [(chance.choice(names), chance.choice(names)) for _ in range(examples)]
    pairs = [(has, has if chance.random() < 0.8 else said) for has, said in pairs]
    found = Counter((frozenset({has}), frozenset({said})) for has, said in pairs)
    flags = [np.array([[name == pair[side] for name in names] for pair in pairs]) for side in (0, 1)]
    return found, flags[0], flags[1]


@pytest.mark.parametrize(
    ("seed", "labels", "examples"), [(1, 3, 60), (2, 12, 200), (3, 2, 7)], ids=["few", "many", "scarce"]
)
def test_macro_f1_bounds_are_the_containers_but_for_chance(seed: int, labels: int, examples: int) -> None:
    found, actual, predicted = outcomes(seed, labels, examples)
    assert macro_f1_interval(found) == pytest.approx(reference.macro_f1_interval(actual, predicted), abs=0.02)
    low, high = macro_f1_interval(found)
    assert low <= macro_f1(found) <= high
    assert macro_f1_interval(found) == (low, high), "the same again"


def test_a_split_without_an_error_is_not_certain() -> None:
    found: Counter[Outcome] = Counter({(frozenset({name}), frozenset({name})): 10 for name in "ABC"})
    low, high = macro_f1_interval(found)
    assert (low < 0.95, high) == (True, 1)


def test_nothing_is_known_of_nothing() -> None:
    assert macro_f1_interval({}) == of_mean_f1([]) == (0, 1)
    assert macro_f1({}) == 0
