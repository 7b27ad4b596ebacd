"""Windows in event time as partials: additive pieces of a window, keyed by the window itself.

A range adds what it saw of a window, however late; the warehouse sums, so each revision is a row of its own.
The window is part of the key, not Beam's: an aggregate in Arrow is 17 times as fast as windowed combining by
element.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from contracts.manifest import Dataset
from contracts.schema import AIRPORT_HOURS

LATE_MINUTES = 15
"""A departure is on time when it leaves less than this behind its schedule (the US DOT's rule)."""


@dataclass(frozen=True, slots=True)
class Window:
    """One kind of window.

    Attributes:
        dataset: Of its partials.
        partials: From a batch's name and its flight events to its partials, sorted by their keys.
    """

    dataset: Dataset
    partials: Callable[[str, pa.Table], pa.Table]


def airport_hours(batch_id: str, events: pa.Table) -> pa.Table:
    """Count departures by the hour in which they really left, as `contracts.schema.AIRPORT_HOURS`."""
    departed = events.filter(pc.equal(events["kind"], "departed"))
    counted = pa.table(
        {
            "window_start": pc.floor_temporal(departed["event_time"], unit="hour"),
            "origin": departed["origin"],
            "carrier": departed["carrier"],
            "on_time": pc.less(departed["delay_minutes"], LATE_MINUTES).cast(pa.int64()),
            "delay_minutes": departed["delay_minutes"].cast(pa.int64()),
        }
    )
    keys = ("window_start", "origin", "carrier")
    sums = _grouped(counted, keys, [([], "count_all"), ("on_time", "sum"), ("delay_minutes", "sum")])
    values = [sums[name] for name in ("count_all", "on_time_sum", "delay_minutes_sum")]
    columns = [pa.repeat(batch_id, sums.num_rows), *(sums[name] for name in keys), *values]
    return pa.table(columns, names=AIRPORT_HOURS.names).cast(AIRPORT_HOURS)


def _grouped(table: pa.Table, keys: Sequence[str], sums: list[tuple[str | list[str], str]]) -> pa.Table:
    grouped = table.group_by(list(keys), use_threads=False).aggregate(sums)
    return grouped.sort_by([(key, "ascending") for key in keys])


WINDOWS: tuple[Window, ...] = (Window("partials", airport_hours),)
"""Those of the flights."""
