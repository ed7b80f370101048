import subprocess
import sys

import numpy as np
import pytest
from trieur_train.evaluation import baseline
from trieur_train.evaluation.baseline import Baseline, train_baseline
from trieur_train.evaluation.metrics import Targets, accuracy, mean_loss

TOPICS = {"a bill": "invoice payment refund", "a parcel": "delivery parcel courier", "hours": "open monday closed"}


def examples(count: int, seed: int) -> tuple[list[str], np.ndarray]:
    random = np.random.default_rng(seed)
    words = [topic.split() for topic in TOPICS.values()]
    targets = np.arange(count) % len(words)
    return [f"{random.choice(words[target])} please {random.integers(100)}" for target in targets], targets


def trained(targets: Targets, texts: list[str], labels: int = 3) -> Baseline:
    """All three splits are the same."""
    return train_baseline(texts, targets, texts, targets, texts, labels=labels)


def test_it_learns_words_that_tell_labels_apart() -> None:
    test_texts, test_targets = examples(30, 2)
    found = train_baseline(*examples(60, 0), *examples(30, 1), test_texts, labels=3)
    assert accuracy(found.test_logits, test_targets) == 1
    assert found.test_logits.dtype == np.float32
    assert np.exp(found.test_logits).sum(axis=1) == pytest.approx(np.ones(30)), "log-probabilities"
    assert found.strength in baseline.STRENGTHS
    assert found.seconds > 0


def test_it_is_the_same_every_time() -> None:
    runs = [train_baseline(*examples(30, 0), *examples(9, 1), examples(9, 2)[0], labels=3) for _ in range(2)]
    assert (runs[0].test_logits == runs[1].test_logits).all()


def test_several_labels_are_judged_by_themselves_and_may_be_missing() -> None:
    texts, numbers = examples(60, 0)
    # The last label is nowhere, the one before everywhere.
    targets = np.hstack([np.eye(3)[numbers], np.ones((60, 1)), np.zeros((60, 1))]).astype(np.float32)
    found = trained(targets, texts, labels=5)
    assert accuracy(found.test_logits, targets) == 1
    assert found.test_logits[:, 3:] == pytest.approx(np.tile([np.log(61), -np.log(61)], (60, 1)))


@pytest.mark.parametrize(
    "texts",
    [["!!!", "???"], ["😀", "😡"], ["好", "坏"], ["a", "b"], ["x" * 5000, "y" * 5000]],
    ids=["punctuation", "emoji", "no spaces", "one letter", "long"],
)
def test_any_text_that_is_not_blank_will_do(texts: list[str]) -> None:
    found = trained(np.array([0, 1] * 5), texts * 5, labels=2)
    assert accuracy(found.test_logits, np.array([0, 1] * 5)) == 1


def test_texts_that_share_nothing_with_the_train_split_get_an_answer() -> None:
    found = train_baseline(*examples(30, 0), *examples(9, 1), ["😀", "öäü"], labels=3)
    assert np.isfinite(found.test_logits).all()


def test_the_regularisation_is_chosen_on_the_validation_split(monkeypatch: pytest.MonkeyPatch) -> None:
    train, validation = examples(30, 0), examples(30, 1)

    def loss(*strengths: float) -> float:
        monkeypatch.setattr(baseline, "STRENGTHS", strengths)
        return mean_loss(train_baseline(*train, *validation, ["x"], labels=3).validation_logits, validation[1])

    assert loss(0.01, 100.0) == loss(100.0, 0.01) == min(loss(0.01), loss(100.0))


def test_many_texts_and_labels_are_learnt_from_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, targets = examples(300, 0)
    whole = train_baseline(texts, targets, *examples(30, 1), examples(30, 2)[0], labels=3)
    monkeypatch.setattr(baseline, "CHARACTERS", 2_000)
    monkeypatch.setattr(baseline, "NUMBERS", 0)
    monkeypatch.setattr(baseline, "FEWEST_OTHERS", 20)
    part = train_baseline(texts, targets, *examples(30, 1), examples(30, 2)[0], labels=3)
    assert accuracy(part.test_logits, examples(30, 2)[1]) == 1
    assert (part.test_logits != whole.test_logits).any()


def test_scikit_learn_is_not_loaded_before_it_is_needed() -> None:
    code = "import sys, trieur_train.evaluation.baseline; print('sklearn' in sys.modules)"
    path = [entry for entry in sys.path if entry]
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}; {code}"], capture_output=True, text=True
    )
    assert run.stdout.strip() == "False", run.stderr
