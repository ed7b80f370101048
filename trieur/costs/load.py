"""What is asked of a classifier in a month."""

from dataclasses import dataclass
from typing import Final

DAYS: Final = 30
WEEK_HOURS: Final = 168
MONTH_HOURS: Final = DAYS * 24
MINUTES: Final = MONTH_HOURS * 60
CHATBOT_PER_MINUTE: Final = 10
# Beyond it, numbers are slips of the hand.
LARGEST: Final = 1e12


class ImpossibleLoad(ValueError):
    """The numbers of a load make no sense; one sentence for people."""


@dataclass(frozen=True)
class Load:
    """A month of 30 days; the defaults are the chatbot's: ten questions a minute, day and night.

    The questions are spread evenly over the hours on, `peak` times as dense at their densest.
    """

    questions: float = CHATBOT_PER_MINUTE * MINUTES
    characters: float = 34.0
    """Of a question; the mean of examples/chatbot-questions.json."""
    answer_bytes: float = 200.0
    milliseconds: float = 100.0
    """That a container works on a question."""
    hours_a_week: float = WEEK_HOURS
    starts_a_week: float = 5.0
    """How often an endpoint that is not on all the time is switched on."""
    idle_hours: float = 1.0
    """That a Comprehend endpoint stands unasked before it is deleted: the setting `comprehend.idle_hours`."""
    peak: float = 1.0
    memory_gb: int = 2
    max_concurrency: int = 5
    jobs: float = 30.0
    """In bulk: how often a month what has gathered is answered."""
    trainings: float = 1.0
    versions: float = 1.0
    """Comprehend models that are kept."""

    def __post_init__(self) -> None:
        for name in ("questions", "characters", "milliseconds", "peak", "jobs"):
            if not 0 < getattr(self, name) <= LARGEST:
                raise ImpossibleLoad(f"{name} is {getattr(self, name):g}; it must be more than 0, at most {LARGEST:g}.")
        for name in ("answer_bytes", "starts_a_week", "idle_hours", "trainings", "versions"):
            if not 0 <= getattr(self, name) <= LARGEST:
                raise ImpossibleLoad(f"{name} is {getattr(self, name):g}; it must be 0 or more, at most {LARGEST:g}.")
        if not 0 < self.hours_a_week <= WEEK_HOURS:
            raise ImpossibleLoad(f"hours_a_week is {self.hours_a_week:g}; a week has {WEEK_HOURS} hours.")
        if self.peak < 1:
            raise ImpossibleLoad(f"peak is {self.peak:g}; the densest time is at least as dense as the mean, 1.")
        if self.memory_gb not in range(1, 7):
            raise ImpossibleLoad(f"memory_gb is {self.memory_gb}; a serverless endpoint has 1 to 6 GB.")

    @property
    def is_always_on(self) -> bool:
        return self.hours_a_week == WEEK_HOURS

    @property
    def hours_on(self) -> float:
        """In the month."""
        return self.hours_a_week / 7 * DAYS

    def most_of(self, per_second: float) -> float:
        """The questions of a month that something answers which can answer so many a second."""
        return per_second * self.hours_on * 3600 / self.peak
