from trieur_train.report.labels import label_counts, label_scores
from trieur_train.report.language import Words

from tests.unit.train.report import sample

ENGLISH = Words("en")


def test_the_weakest_label_comes_first_and_the_untested_last() -> None:
    metrics = sample.metrics(["a", "b", "c", "d"], right=10)
    metrics["test"]["per_label"]["c"] |= {"support": 0, "f1": 0.0}
    rows = label_scores(ENGLISH, metrics)
    assert [row.label for row in rows] == ["a", "b", "d", "c"]
    assert [len(row.scores) for row in rows] == [3, 3, 3, 0]


def test_a_score_is_said_and_drawn_with_its_interval() -> None:
    metrics = sample.metrics()
    metrics["test"]["per_label"]["HOW_ARE_YOU"] |= {"recall": 0.951, "recall_interval": [0.7642, 0.9973]}
    recall = label_scores(ENGLISH, metrics)[0].scores[1]
    assert (recall.value, recall.interval) == ("95.1%", "76.4–99.7%")
    assert (recall.width, recall.low, recall.high) == (95.1, 76.4, 99.7)


def test_the_rarest_label_comes_first_and_the_commonest_fills_its_bar() -> None:
    metrics = sample.metrics(["a", "b"])
    metrics["dataset"]["labels"]["b"]["train"] = 20
    assert [(row["label"], row["train"], row["width"]) for row in label_counts(ENGLISH, metrics)] == [
        ("b", "20", 25.0),
        ("a", "80", 100.0),
    ]


def test_of_a_thousand_labels_the_first_sixty_are_shown() -> None:
    metrics = sample.metrics([f"label {number:03}" for number in range(1000)])
    assert len(label_scores(ENGLISH, metrics)) == len(label_counts(ENGLISH, metrics)) == 60
