from collections.abc import Iterator

import pytest

from tests.unit.world import ARTIFACTS, World
from trieur.objects import ObjectStore


@pytest.fixture
def store(world: World) -> ObjectStore:
    return ObjectStore(world.clients.s3, ARTIFACTS)


@pytest.mark.parametrize("count", [0, 1, 200_000])
def test_what_is_uploaded_in_lines_is_read_in_lines(store: ObjectStore, count: int) -> None:
    """200,000 of these are two parts of a multipart upload."""
    lines = [f"{number} {'x' * (number % 100)}\u2028\r\n".encode() for number in range(count)]

    store.upload("a/lines", iter(lines), "text/plain")

    assert list(store.lines("a/lines")) == lines
    assert store.s3.head_object(Bucket=ARTIFACTS, Key="a/lines")["ContentType"] == "text/plain"


def test_a_last_line_without_end_is_one(store: ObjectStore) -> None:
    store.put("a", b"x\n\ny", "text/plain")

    assert list(store.lines("a")) == [b"x\n", b"\n", b"y"]


@pytest.mark.parametrize("good", [1, 1_000_000])
def test_lines_that_break_off_leave_nothing(store: ObjectStore, good: int) -> None:
    def lines() -> Iterator[bytes]:
        yield from (b"x" * 20 for _ in range(good))
        raise ValueError("broken off")

    with pytest.raises(ValueError, match="broken off"):
        store.upload("a", lines(), "text/plain")

    assert store.find_object("a") is None
    assert store.s3.list_multipart_uploads(Bucket=ARTIFACTS).get("Uploads", []) == []
