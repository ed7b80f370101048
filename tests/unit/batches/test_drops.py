import pytest

from trieur.batch_drops import batch_classifier, folder, predictions_key, rejection_key
from trieur.drops import Drop, DropIgnored, DropRefused


def drop(key: str) -> Drop:
    return Drop("inbox", key, "1", "")


@pytest.mark.parametrize("file", ["a.txt", "a.jsonl", "a.TXT", "a.jsonl.gz", "2026/11/a.txt", "a b é.txt"])
def test_a_file_of_texts_belongs_to_its_folders_classifier(file: str) -> None:
    assert batch_classifier(drop(f"batch/questions/{file}")) == "questions"


@pytest.mark.parametrize(
    "key",
    [
        "datasets/questions/a.txt",
        "batch/",
        "batch/questions/",
        "batch/questions/2026/",
        "batch/questions/.a.txt",
        "batch/questions/.hidden/a.txt",
        "batch/questions/~$a.txt",
        "batch/.DS_Store",
        predictions_key("batch/questions/a.txt", "camembert"),
        rejection_key("batch/questions/a.txt", "comprehend"),
        rejection_key("batch/questions/a.txt", None),
        rejection_key("batch/a.txt", None),
    ],
)
def test_what_is_no_request_is_left_alone(key: str) -> None:
    with pytest.raises(DropIgnored):
        batch_classifier(drop(key))


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("batch/a.txt", "drop it at batch/<classifier>/a.txt"),
        ("batch/Questions/a.txt", "'Questions' cannot name a classifier"),
        ("batch/questions/a.csv", "use .txt"),
        ("batch/questions/a", "use .txt"),
        ("batch/questions/a.predictions.jsonl.zip", "use .txt"),
        (f"batch/questions/{'é' * 500}.txt", "give the file a shorter name"),
    ],
)
def test_what_was_meant_as_a_request_is_refused_in_words(key: str, words: str) -> None:
    with pytest.raises(DropRefused, match=words):
        batch_classifier(drop(key))


def test_every_answer_has_a_key_that_s3_takes() -> None:
    longest = "batch/questions/" + "é" * 504
    for key in (longest, "batch/questions/" + "a" * 976 + ".txt"):
        assert len(rejection_key(key, None).encode()) <= 1024
        assert len(rejection_key(key, "comprehend").encode()) <= 1024
    accepted = "batch/questions/" + "a" * (991 - 16) + ".txt"
    assert len(accepted) == 995
    assert batch_classifier(drop(accepted)) == "questions"
    assert len(predictions_key(accepted, "comprehend")) == 1024


@pytest.mark.parametrize(
    ("key", "name"), [("batch/questions/a", "questions"), ("batch/Q/a", "unnamed"), ("batch/a b", "unnamed")]
)
def test_what_is_said_names_the_classifier_where_there_is_one(key: str, name: str) -> None:
    assert folder(drop(key)) == name
