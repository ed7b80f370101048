import pytest
from hypothesis import given
from hypothesis import strategies as st

from trieur.drops import Drop, DropIgnored, is_later_sequencer

EVENT = {
    "detail-type": "Object Created",
    "source": "aws.s3",
    "detail": {
        "bucket": {"name": "inbox"},
        "object": {"key": "datasets/questions/a b+é%20.json", "version-id": "v1", "sequencer": "00A1"},
    },
}


def test_eventbridge_keys_are_taken_as_they_are() -> None:
    assert Drop.from_event(EVENT) == Drop("inbox", "datasets/questions/a b+é%20.json", "v1", "00A1")


@pytest.mark.parametrize(
    "event",
    [
        {},
        None,
        [],
        {"Service": "Amazon S3", "Event": "s3:TestEvent"},
        EVENT | {"detail-type": "Object Deleted"},
        EVENT | {"detail": None},
        EVENT | {"detail": {"bucket": {"name": "inbox"}}},
        EVENT | {"detail": {"bucket": {"name": "inbox"}, "object": {"key": 3}}},
    ],
)
def test_other_events_are_no_drops(event: object) -> None:
    with pytest.raises(DropIgnored):
        Drop.from_event(event)


def test_an_unversioned_bucket_has_the_null_version() -> None:
    detail = {"bucket": {"name": "inbox"}, "object": {"key": "datasets/q/a.json"}}
    assert Drop.from_event(EVENT | {"detail": detail}).version == "null"


@pytest.mark.parametrize("file", ["a.json", "a.JSONL", "a.csv.gz", "deep/er/a.json.GZ", "classifier.json/a.json"])
def test_datasets(file: str) -> None:
    assert Drop("inbox", f"datasets/questions/{file}", "v1", "").classifier() == "questions"


@pytest.mark.parametrize(
    ("shorter", "longer"), [("00A1", "00A101"), ("00A1", "00A2"), ("0055AED6DCD90281E5", "0055AED6DCD90281E6")]
)
def test_sequencers_are_padded_on_the_right(shorter: str, longer: str) -> None:
    assert is_later_sequencer(longer, shorter)
    assert not is_later_sequencer(shorter, longer)


@given(st.text("0123456789ABCDEF"), st.integers(0, 8))
def test_zeros_on_the_right_say_nothing(sequencer: str, zeros: int) -> None:
    assert not is_later_sequencer(sequencer + "0" * zeros, sequencer)
    assert not is_later_sequencer(sequencer, sequencer + "0" * zeros)


@given(st.text())
def test_a_folder_to_file_refusals_in_can_always_be_named(key: str) -> None:
    folder = Drop("inbox", "datasets/" + key, "v1", "").folder()
    assert folder
    assert "/" not in folder
    assert folder.isascii()
