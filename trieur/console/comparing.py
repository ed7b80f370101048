"""Comparisons that are measured while the page waits: one at a time for each classifier, in a thread of its own."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from trieur.comparison import Comparison
from trieur.comparison.comparison import Progress
from trieur.console.place import PlaceError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Measuring:
    """Where a comparison is: under way (what is done, how much, of how much), ended, or `trouble`, a sentence."""

    what: str = ""
    done: int = 0
    total: int = 0
    result: Comparison | None = None
    trouble: str = ""

    @property
    def under_way(self) -> bool:
        return self.result is None and not self.trouble


class Comparing:
    """Safe to use from several threads. What was measured is kept until it is measured again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[str, Measuring] = {}

    def of(self, classifier: str) -> Measuring | None:
        """None for a classifier that was not compared in this session."""
        with self._lock:
            return self._states.get(classifier)

    def start(self, classifier: str, compare: Callable[[Progress], Comparison], unforeseen: str) -> None:
        """Have `compare` done, unless it is being done; `unforeseen` is what is said where it fails by itself."""
        with self._lock:
            state = self._states.get(classifier)
            if state is not None and state.under_way:
                return
            self._states[classifier] = Measuring()
        work = threading.Thread(
            target=self._work, args=(classifier, compare, unforeseen), name=f"compare-{classifier}", daemon=True
        )
        work.start()

    def _work(self, classifier: str, compare: Callable[[Progress], Comparison], unforeseen: str) -> None:
        def tell(what: str, done: int, total: int) -> None:
            with self._lock:
                state = self._states[classifier]
                self._states[classifier] = replace(state, what=what, done=done, total=total)

        try:
            ended = Measuring(result=compare(tell))
        except PlaceError as error:
            ended = Measuring(trouble=str(error))
        except Exception:
            logger.exception("a comparison failed", extra={"classifier": classifier})
            ended = Measuring(trouble=unforeseen)
        with self._lock:
            self._states[classifier] = ended
