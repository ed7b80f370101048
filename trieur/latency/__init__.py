"""How fast an endpoint answers, as its caller sees it: one question at a time, or many at once."""

from trieur.latency.measure import Latency, measure
from trieur.latency.published import PUBLISHED, PUBLISHED_WHERE, Published
from trieur.latency.questions import QUESTIONS
from trieur.latency.summary import Summary, summarise
from trieur.latency.throughput import Throughput, measure_throughput

__all__ = [
    "PUBLISHED",
    "PUBLISHED_WHERE",
    "QUESTIONS",
    "Latency",
    "Published",
    "Summary",
    "Throughput",
    "measure",
    "measure_throughput",
    "summarise",
]
