"""A function's log, read on and on: every line once, whatever the number of its streams."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_LATE_MILLIS = 10_000
"""A stream's lines may come this much behind another stream's."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line.

    Attributes:
        at: When it was written, in UTC.
        text: Without its end.
    """

    at: datetime
    text: str


class LogReader:
    """Reads /aws/lambda/<function>.

    **Delivery**: each line once, by its event id. **Order**: of time within one reading.
    """

    def __init__(self, logs: Any, function: str, since: datetime | None = None) -> None:
        """Take a client, the function's name, and when to begin; None: with the first line."""
        self._logs = logs
        self._group = f"/aws/lambda/{function}"
        self._start_millis = int(since.timestamp() * 1000) if since else 0
        self._seen: dict[str, int] = {}

    def read(self) -> Iterator[LogLine]:
        """Yield what was written since the last time; nothing where the function has not run yet."""
        try:
            events = list(self._events())
        except self._logs.exceptions.ResourceNotFoundException:
            return
        for event in sorted(events, key=lambda each: int(each["timestamp"])):
            if event["eventId"] not in self._seen:
                self._seen[event["eventId"]] = event["timestamp"]
                at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                yield LogLine(at, event["message"].rstrip())
        newest = max(self._seen.values(), default=0)
        self._start_millis = max(self._start_millis, newest - _LATE_MILLIS)
        self._seen = {name: at for name, at in self._seen.items() if at >= self._start_millis}

    def _events(self) -> Iterator[dict[str, Any]]:
        request: dict[str, Any] = {"logGroupName": self._group, "startTime": self._start_millis}
        while True:
            answer = self._logs.filter_log_events(**request)
            yield from answer["events"]
            if not (token := answer.get("nextToken")):
                return
            request["nextToken"] = token
