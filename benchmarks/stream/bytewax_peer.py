"""bytewax: parse, drop duplicates and count by hour, one item a record; run by the peers' own Python.

`PYTHON -m benchmarks.stream.bytewax_peer FILE EVENTS`, with the project's folder in PYTHONPATH: the parser is
the project's own, as in the other peers. One worker, as the stream is one process.
"""

import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.inputs import DynamicSource, StatelessSourcePartition
from bytewax.operators import windowing
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import run_main

from benchmarks.stream.child import answer
from benchmarks.stream.lines import read_events
from contracts.parse import parse_flight_event
from contracts.rejects import Reject

AT_ONCE = 1_000
"""Events that a source hands on together."""

_START = datetime(2012, 1, 1, tzinfo=UTC)
_LATE = timedelta(hours=6)


class _Events(StatelessSourcePartition[bytes]):  # type: ignore[misc]  # bytewax is in an environment of its own
    def __init__(self, data: list[bytes]) -> None:
        self._parts = iter([data[start : start + AT_ONCE] for start in range(0, len(data), AT_ONCE)])

    def next_batch(self) -> Iterable[bytes]:
        return next(self._parts)


class _Source(DynamicSource[bytes]):  # type: ignore[misc]  # bytewax is in an environment of its own
    def __init__(self, data: list[bytes]) -> None:
        self._data = data

    def build(self, _step_id: str, _index: int, _count: int) -> _Events:
        return _Events(self._data)


class _Count(StatelessSinkPartition[Any]):  # type: ignore[misc]  # bytewax is in an environment of its own
    def __init__(self, found: list[int]) -> None:
        self._found = found

    def write_batch(self, items: list[Any]) -> None:
        self._found[0] += len(items)


class _Sink(DynamicSink[Any]):  # type: ignore[misc]  # bytewax is in an environment of its own
    def __init__(self, found: list[int]) -> None:
        self._found = found

    def build(self, _step_id: str, _index: int, _count: int) -> _Count:
        return _Count(self._found)


def _row(data: bytes) -> dict[str, Any] | None:
    row = parse_flight_event(data)
    return None if isinstance(row, Reject) else row


def _new(seen: set[str] | None, row: dict[str, Any]) -> tuple[set[str], list[dict[str, Any]]]:
    seen = set() if seen is None else seen
    if row["event_id"] in seen:
        return seen, []
    seen.add(row["event_id"])
    return seen, [row]


def flow(data: list[bytes], kept: list[int], windows: list[int]) -> Dataflow:
    """Return the dataflow; it counts what it kept, and the windows that it closed."""
    dataflow = Dataflow("flights")
    rows = op.filter_map("parse", op.input("events", dataflow, _Source(data)), _row)
    keyed = op.key_on("by aircraft", rows, lambda row: row["tail_number"] or row["carrier"])
    once = op.stateful_flat_map("drop duplicates", keyed, _new)
    op.output("kept", once, _Sink(kept))
    departed = op.filter("departed", op.key_rm("rows", once), lambda row: row["kind"] == "departed")
    hours = windowing.count_window(
        "count by hour",
        departed,
        windowing.EventClock(lambda row: row["event_time"], _LATE),
        windowing.TumblingWindower(length=timedelta(hours=1), align_to=_START),
        lambda row: f"{row['origin']}-{row['carrier']}",
    )
    op.output("hours", hours.down, _Sink(windows))
    return dataflow


def run(file: Path, events: int) -> Callable[[], dict[str, int]]:
    """Run the dataflow over the events of a file."""
    data = read_events(file, events)
    kept, windows = [0], [0]

    def work() -> dict[str, int]:
        run_main(flow(data, kept, windows))
        return {"kept": kept[0], "windows": windows[0]}

    return work


if __name__ == "__main__":
    answer(run, Path(sys.argv[1]), int(sys.argv[2]))
