"""What many times come to, beside numpy's figures."""

import json

import numpy as np
import pytest

from trieur.latency import summarise

TIMES = [12.0, 9.5, 30.25, 11.0, 10.0, 10.5, 99.0]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_it_is_numpys(count: int) -> None:
    times = TIMES[:count]

    summary = summarise(times)

    assert summary.requests == count
    assert summary.mean == pytest.approx(np.mean(times))
    assert summary.standard_deviation == pytest.approx(np.std(times, ddof=1) if count > 1 else 0.0)
    assert (summary.p50, summary.p90, summary.p99) == pytest.approx(tuple(np.percentile(times, [50, 90, 99])))
    assert (summary.lowest, summary.highest) == (min(times), max(times))


def test_it_is_written_in_json() -> None:
    assert json.loads(json.dumps(summarise([1.0, 2.00049]).as_json())) == {
        "requests": 2,
        "mean": 1.5,
        "standard_deviation": 0.707,
        "p50": 1.5,
        "p90": 1.9,
        "p99": 1.99,
        "lowest": 1.0,
        "highest": 2.0,
    }


def test_of_nothing_there_is_none() -> None:
    with pytest.raises(ValueError, match="no request"):
        summarise([])
