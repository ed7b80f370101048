"""The linear model that every fine-tuned one is shown beside: TF-IDF and logistic regression, by scikit-learn."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from trieur_train.evaluation.metrics import Logits, Targets, accuracy, mean_loss

NAME = "TF-IDF + logistic regression"
# Inverse strengths of the regularisation to choose from.
STRENGTHS = (1.0, 10.0, 100.0, 1000.0)
FEATURES = 100_000
# A text's beginning says most of what it is about. Long texts are cut before any is left out.
LONGEST_TEXT, SHORTEST_CUT = 2_000, 200
CHARACTERS = 20_000_000
# What one strength may take: numbers other than 0 in the examples of all labels' regressions, 30 s of one core.
NUMBERS = 100_000_000
FEWEST_OTHERS = 200
SEED = 13


@dataclass(frozen=True)
class Baseline:
    """What the linear model answers: log-probabilities (multi-class) or log-odds (multi-label), float32 [examples,
    labels], which metrics.py takes as logits."""

    validation_logits: Logits
    test_logits: Logits
    strength: float
    seconds: float


def train_baseline(
    train_texts: Sequence[str],
    train_targets: Targets,
    validation_texts: Sequence[str],
    validation_targets: Targets,
    test_texts: Sequence[str],
    *,
    labels: int,
) -> Baseline:
    """Learn from the train split with the regularisation that is most accurate on the validation split.

    Each label has a regression of its own against all others. Time and memory are bounded: beyond `CHARACTERS` texts
    are cut, then left out at random; beyond `NUMBERS` each label learns from all its examples and a random part of the
    others. Deterministic, one thread. No text may be blank.
    """
    started = time.perf_counter()
    random = np.random.default_rng(SEED)
    longest = int(np.clip(CHARACTERS // len(train_texts), SHORTEST_CUT, LONGEST_TEXT))
    texts = [text.strip()[:longest] for text in train_texts]
    average = sum(map(len, texts)) / len(texts)
    if len(texts) * average > CHARACTERS:
        rows = np.sort(random.choice(len(texts), int(CHARACTERS / average), replace=False))
        texts, train_targets = [texts[row] for row in rows], train_targets[rows]
    features = _features()
    train = features.fit_transform(texts).tocsr()
    others = [text.strip()[:longest] for text in (*validation_texts, *test_texts)]
    unseen = features.transform(others).tocsr()

    best: tuple[float, float] = (-1.0, 0.0)
    for strength in STRENGTHS:
        logits = _logits(train, train_targets, unseen, labels, strength)
        validation_logits = logits[: len(validation_texts)]
        merit = accuracy(validation_logits, validation_targets), -mean_loss(validation_logits, validation_targets)
        if merit > best:
            best, chosen, best_logits = merit, strength, logits
    return Baseline(
        validation_logits=best_logits[: len(validation_texts)],
        test_logits=best_logits[len(validation_texts) :],
        strength=chosen,
        seconds=time.perf_counter() - started,
    )


def _features() -> Any:
    # Takes a second to import, and most of what imports this module never trains a baseline.
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    common: dict[str, Any] = {"sublinear_tf": True, "max_features": FEATURES, "dtype": np.float64}
    # Runs of punctuation and emoji count as words: some texts have nothing else.
    words = TfidfVectorizer(token_pattern=r"\w+|[^\w\s]+", ngram_range=(1, 2), **common)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), **common)
    return FeatureUnion([("words", words), ("characters", characters)])


def _logits(train: Any, targets: Targets, unseen: Any, labels: int, strength: float) -> Logits:
    """What regressions of that regularisation, learnt from `train`, say of `unseen`; sparse [examples, features]."""
    # The same examples for every strength.
    random = np.random.default_rng(SEED)
    numbers_per_example = max(1.0, train.nnz / train.shape[0])
    most_others = max(FEWEST_OTHERS, int(NUMBERS / numbers_per_example / labels))
    odds = np.empty((unseen.shape[0], labels), dtype=np.float32)
    for label in range(labels):
        has_it = targets == label if targets.ndim == 1 else targets[:, label] > 0.5
        odds[:, label] = _log_odds(train, has_it, unseen, most_others, strength, random)
    if targets.ndim == 2:
        return odds
    chances = -np.logaddexp(0.0, -odds)
    largest = chances.max(axis=1, keepdims=True)
    normaliser = largest + np.log(np.exp(chances - largest).sum(axis=1, keepdims=True))
    return np.asarray(chances - normaliser, dtype=np.float32)


def _log_odds(
    train: Any,
    has_it: npt.NDArray[np.bool_],
    unseen: Any,
    most_others: int,
    strength: float,
    random: np.random.Generator,
) -> npt.NDArray[np.float64]:
    from sklearn.linear_model import LogisticRegression

    having, others = np.flatnonzero(has_it), np.flatnonzero(~has_it)
    if not len(having) or not len(others):
        # There is nothing to tell apart; Laplace's rule of succession.
        return np.full(unseen.shape[0], np.log((len(having) + 1) / (len(others) + 1)))
    kept = others if len(others) <= most_others else random.choice(others, most_others, replace=False)
    rows = np.sort(np.concatenate([having, kept]))
    regression = LogisticRegression(C=strength, solver="liblinear", max_iter=200)
    regression.fit(train[rows], has_it[rows])
    # Others that were left out make the label likelier than it is by this much (G. King and L. Zeng, Logistic
    # Regression in Rare Events Data, 2001).
    odds: npt.NDArray[np.float64] = regression.decision_function(unseen) - np.log(len(others) / len(kept))
    return odds
