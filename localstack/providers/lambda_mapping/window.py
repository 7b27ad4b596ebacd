"""Tumbling windows of one shard: which one is open, what it holds, and when it is over; it invokes nobody.

The rules are those of https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html: a window is
a span of arrivals, its state goes from invocation to invocation, the last of them has no records and drops
it, and a state beyond 1 MB ends the window early; what comes after that begins with a fresh one.
"""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

MOST_STATE_BYTES = 2**20
type State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """A window that is open.

    Attributes:
        start: Its first arrival, in seconds since 1970.
        end: The first arrival after it.
        state: What the function last returned.
    """

    start: int
    end: int
    state: State = field(default_factory=dict)


class Windows:
    """The windows of one shard, one after the other: a window that was closed is not opened again.

    >>> windows = Windows(60)
    >>> windows.enter(1030.5)
    >>> windows.take({"records": 1})
    >>> windows.holds(1079.9), windows.holds(1080.0), windows.is_over(1080.0)
    (True, False, True)
    >>> windows.event()["window"]
    {'start': '1970-01-01T00:17:00Z', 'end': '1970-01-01T00:18:00Z'}
    """

    def __init__(self, seconds: int, opened: Window | None = None) -> None:
        """Take the length of a window, 0 for none, and the one that a pause left open."""
        self._seconds = seconds
        self._opened = opened
        self._closed_until = 0
        self._is_full = opened is not None and _is_too_large(opened.state)

    @property
    def opened(self) -> Window | None:
        """The one that is open."""
        return self._opened

    @property
    def is_full(self) -> bool:
        """Whether the state has become so large that the window ends early."""
        return self._is_full

    def holds(self, arrived: float) -> bool:
        """Whether a record may be delivered before a window is closed; a late one goes to the open window."""
        return self._opened is None or not self.is_over(arrived)

    def is_over(self, arrived: float) -> bool:
        """Whether the open window has ended, if all that arrived before that moment was delivered."""
        # One that is left of settings that are no more is over at once.
        return self._opened is not None and (not self._seconds or arrived >= self._opened.end)

    def enter(self, arrived: float) -> None:
        """Open a record's window, unless one is open; none where the mapping has no windows."""
        if self._opened is None and self._seconds:
            start = int(max(arrived, self._closed_until)) // self._seconds * self._seconds
            self._opened = Window(max(start, self._closed_until), start + self._seconds)

    def take(self, state: State) -> None:
        """Keep what the function returned."""
        if self._opened:
            self._opened = replace(self._opened, state=state)
            self._is_full = _is_too_large(state)

    def close(self) -> None:
        """Drop the state; one that ended early may be opened again, and is then a fresh one."""
        if self._opened and not self._is_full:
            self._closed_until = self._opened.end
        self._opened, self._is_full = None, False

    def event(self, *, is_final: bool = False) -> dict[str, Any]:
        """Return what an invocation's event says of the window; nothing where none is open."""
        if self._opened is None:
            return {}
        return {
            "window": {"start": _rfc_3339(self._opened.start), "end": _rfc_3339(self._opened.end)},
            "state": self._opened.state,
            "isFinalInvokeForWindow": is_final,
            "isWindowTerminatedEarly": is_final and self._is_full,
        }


def _is_too_large(state: State) -> bool:
    return len(json.dumps(state)) > MOST_STATE_BYTES


def _rfc_3339(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
