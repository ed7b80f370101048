import csv
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def fields_of_any_length() -> Iterator[None]:
    """As the container's process sets it, and for these tests only."""
    before = csv.field_size_limit(2**31 - 1)
    yield
    csv.field_size_limit(before)
