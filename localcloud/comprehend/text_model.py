"""The classifier behind the local Comprehend: TF-IDF of words and parts of words, and logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from localcloud.comprehend.examples import Example

Scores = list[tuple[str, float]]

# A text's beginning says what it is about; the rest of a long document would only make this stand-in slow.
_CHARACTERS = 5_000
# Logistic regression holds a weight a feature and label.
_WEIGHTS = 10_000_000
_FEATURES = 100_000
_THRESHOLD = 0.5


class TextModel:
    """Gives a text a score from 0 to 1 for every label; over the labels of a multi-class model they add up to 1.

    scikit-learn takes about two seconds to import, so it is imported by the first who trains or loads one.
    """

    def __init__(self, labels: Sequence[str], features: Any, regression: Any, *, multi_label: bool) -> None:
        self.labels = list(labels)
        self.multi_label = multi_label
        self._features = features
        self._regression = regression

    @classmethod
    def train(cls, examples: Sequence[Example], *, multi_label: bool) -> TextModel:
        from sklearn.linear_model import LogisticRegression
        from sklearn.multiclass import OneVsRestClassifier
        from sklearn.preprocessing import MultiLabelBinarizer

        labels = sorted({label for example in examples for label in example.labels})
        features = _features(len(examples), len(labels))
        seen = features.fit_transform([example.text[:_CHARACTERS] for example in examples])
        if multi_label:
            targets = MultiLabelBinarizer(classes=labels).fit_transform([example.labels for example in examples])
            regression = OneVsRestClassifier(LogisticRegression(C=10, solver="liblinear", random_state=0))
        else:
            targets = [labels.index(example.labels[0]) for example in examples]
            regression = LogisticRegression(C=10, max_iter=200)
        regression.fit(seen, targets)
        return cls(labels, features, regression, multi_label=multi_label)

    @classmethod
    def load(cls, file: Path) -> TextModel:
        import joblib

        model: TextModel = joblib.load(file)
        return model

    def save(self, file: Path) -> None:
        import joblib

        joblib.dump(self, file)

    def scores(self, texts: Sequence[str]) -> list[Scores]:
        """The labels of each text with their scores, highest first."""
        if not texts:
            return []
        seen = self._features.transform([text[:_CHARACTERS] for text in texts])
        rows = self._regression.predict_proba(seen)
        return [
            sorted(zip(self.labels, map(float, row), strict=True), key=lambda scored: (-scored[1], scored[0]))
            for row in rows
        ]

    def predicted(self, scores: Scores) -> tuple[str, ...]:
        """The class those scores come down to; in multi-label mode the labels, maybe none."""
        if not self.multi_label:
            return (scores[0][0],)
        return tuple(label for label, score in scores if score >= _THRESHOLD)


def _features(documents: int, labels: int) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    most = min(_FEATURES, _WEIGHTS // labels) // 2
    # What occurs in one document of many tells nothing of the others.
    rarest = 1 if documents < 5_000 else 2
    common: dict[str, Any] = {"sublinear_tf": True, "min_df": rarest, "max_features": most}
    words = TfidfVectorizer(token_pattern=r"\S+|\w+", ngram_range=(1, 2), **common)
    parts = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), **common)
    return FeatureUnion([("words", words), ("parts", parts)])
