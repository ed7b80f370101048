"""What many times come to."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Summary:
    """Of the times of `requests` requests, in milliseconds.

    The standard deviation is a sample's (divided by n - 1), 0 for a single request. A percentile between two
    requests is interpolated linearly, as numpy does by default: p99 of few requests is close to the slowest.
    """

    requests: int
    mean: float
    standard_deviation: float
    p50: float
    p90: float
    p99: float
    lowest: float
    highest: float

    def as_json(self) -> dict[str, float]:
        """Milliseconds to three decimals, by the names of the fields."""
        return {name: round(value, 3) for name, value in asdict(self).items()}


def summarise(milliseconds: Sequence[float]) -> Summary:
    """Raises ValueError where there is no request."""
    if not milliseconds:
        raise ValueError("There is no request to summarise.")
    ordered = sorted(milliseconds)
    return Summary(
        requests=len(ordered),
        mean=statistics.fmean(ordered),
        standard_deviation=statistics.stdev(ordered) if len(ordered) > 1 else 0.0,
        p50=_percentile(ordered, 0.50),
        p90=_percentile(ordered, 0.90),
        p99=_percentile(ordered, 0.99),
        lowest=ordered[0],
        highest=ordered[-1],
    )


def _percentile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
