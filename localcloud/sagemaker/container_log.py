"""Carries what a container prints into CloudWatch Logs while it runs, as the role of its job or model."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localcloud.roles import RoleSession

_logger = logging.getLogger("localcloud")
_LINE_BYTES = 256 * 1024 - 26
_BATCH_EVENTS = 1000


@dataclass
class Metric:
    """A number a MetricDefinition's pattern found in the log, the last one seen."""

    name: str
    pattern: re.Pattern[str]
    value: float | None = None
    seen: float = 0.0


class ContainerLog:
    """One log stream, fed from the file a container writes to.

    Without the grants it needs the container runs on unlogged, as it does on AWS.
    """

    def __init__(self, session: RoleSession, group: str, stream: str, source: Path, metrics: list[Metric]) -> None:
        self.group = group
        self.stream = stream
        self.metrics = metrics
        self._logs = session.client("logs")
        self._source = source
        self._position = 0
        self._rest = b""
        self._usable = self._open()

    def carry(self, *, last: bool = False) -> None:
        """Sends the lines written since the last call; with last also one that no newline ends."""
        lines = list(self._new_lines(last))
        for line in lines:
            self._measure(line)
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": line or " "} for line in lines]
        for start in range(0, len(events), _BATCH_EVENTS):
            self._send(events[start : start + _BATCH_EVENTS])

    def say(self, message: str) -> None:
        """Writes a line of the service's own into the stream."""
        self._send([{"timestamp": int(time.time() * 1000), "message": message}])

    def _new_lines(self, last: bool) -> Iterator[str]:
        try:
            with self._source.open("rb") as source:
                source.seek(self._position)
                chunk = source.read()
        except FileNotFoundError:
            return
        self._position += len(chunk)
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        if last and self._rest:
            whole, self._rest = [*whole, self._rest], b""
        for line in whole:
            # A progress bar redraws its line: only its last state counts.
            shown = line.rstrip(b"\r").rpartition(b"\r")[2]
            yield shown[:_LINE_BYTES].decode("utf-8", errors="replace")

    def _measure(self, line: str) -> None:
        for metric in self.metrics:
            found = metric.pattern.search(line)
            if found is None or not found.groups():
                continue
            try:
                metric.value, metric.seen = float(found[1]), time.time()
            except (TypeError, ValueError):
                continue

    def _open(self) -> bool:
        for call, names in (("create_log_group", {}), ("create_log_stream", {"logStreamName": self.stream})):
            try:
                getattr(self._logs, call)(logGroupName=self.group, **names)
            except self._logs.exceptions.ResourceAlreadyExistsException:
                continue
            except (ClientError, BotoCoreError) as error:
                # Without the right to create the group its stream may still be had.
                if call == "create_log_stream":
                    _logger.warning("No log stream %s in %s: %s", self.stream, self.group, error)
                    return False
        return True

    def _send(self, events: list[dict[str, Any]]) -> None:
        if not self._usable:
            return
        try:
            self._logs.put_log_events(logGroupName=self.group, logStreamName=self.stream, logEvents=events)
        except (ClientError, BotoCoreError) as error:
            self._usable = False
            _logger.warning("The log stream %s in %s took no more: %s", self.stream, self.group, error)
