"""What Prometheus may fetch at GET /metrics, where the environment turns it on."""

import os
from typing import TYPE_CHECKING

from trieur_serve.admission import Room

if TYPE_CHECKING:
    pass

VARIABLE = "TRIEUR_METRICS"
# From a warm question's few milliseconds to the minute that SageMaker waits.
SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


def metrics_wanted() -> bool:
    """Raises OSError, with a sentence, where the variable is neither 0 nor 1."""
    value = os.environ.get(VARIABLE, "0")
    if value not in ("0", "1"):
        raise OSError(f"{VARIABLE} is {value!r}; it must be 0 or 1.")
    return value == "1"


class Metrics:
    """Counts invocations, and shows what is under way in `room`."""

    def __init__(self, room: Room) -> None:
        # Here, so that a server without metrics neither loads it nor pays for it.
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
        from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

        self.content_type = CONTENT_TYPE_LATEST
        self._write = generate_latest
        self._registry: CollectorRegistry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "trieur_requests", "Invocations answered, by HTTP status.", ["status"], registry=self._registry
        )
        self._texts = Counter("trieur_texts", "Texts that got a prediction.", registry=self._registry)
        self._seconds = Histogram(
            "trieur_request_seconds",
            "From the head of a good invocation to its answer.",
            buckets=SECONDS,
            registry=self._registry,
        )
        for name, what, of in (
            ("trieur_requests_waiting", "Invocations that wait for their prediction.", lambda: room.requests),
            ("trieur_texts_waiting", "Texts that wait for their prediction.", lambda: room.texts),
            ("trieur_bytes_held", "Bytes of bodies, whole or still arriving.", lambda: room.bytes),
        ):
            Gauge(name, what, registry=self._registry).set_function(of)

    def count(self, status: int, texts: object, seconds: float) -> None:
        """One invocation; texts: how many it held, None where it was refused before that was known."""
        self._requests.labels(str(status)).inc()
        if status == 200 and isinstance(texts, int):
            self._texts.inc(texts)
            self._seconds.observe(seconds)

    def page(self) -> bytes:
        """In Prometheus's text format."""
        return self._write(self._registry)
