"""Windows in event time as partials: additive pieces of a window, keyed by the window itself.

A range adds what it saw of a window, however late; the warehouse sums, so each revision is a row of its own.
Sessions have no fixed keys: pipelines/sessions.py.
The window is part of the key, not Beam's: an aggregate in Arrow is 17 times as fast as windowed combining by
element.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from contracts.manifest import Dataset
from contracts.schema import AIRPORT_HOURS, DELAY_BUCKETS, DEPARTURE_MINUTES
from pipelines.legs import RangeEvents
from pipelines.sessions import aircraft_sessions

LATE_MINUTES = 15
"""A departure is on time when it leaves less than this behind its schedule (the US DOT's rule)."""

RELATIVE_ERROR = 0.01
"""Of a quantile of delays, as buckets give it."""

GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
"""By which each bucket is larger than the one before."""


@dataclass(frozen=True, slots=True)
class Window:
    """One kind of window.

    Attributes:
        dataset: Of its partials.
        partials: From a range's events to its partials, sorted by their keys.
    """

    dataset: Dataset
    partials: Callable[[RangeEvents], pa.Table]


def airport_hours(batch: RangeEvents) -> pa.Table:
    """Count departures by the hour in which they really left, as `contracts.schema.AIRPORT_HOURS`."""
    departed = _departed(batch.events)
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
    columns = [pa.repeat(batch.batch_id, sums.num_rows), *(sums[name] for name in keys), *values]
    return pa.table(columns, names=AIRPORT_HOURS.names).cast(AIRPORT_HOURS)


def delay_buckets(batch: RangeEvents) -> pa.Table:
    """Count departures by the bucket of their delay, as `contracts.schema.DELAY_BUCKETS`."""
    departed = _departed(batch.events)
    delays = departed["delay_minutes"].to_numpy()
    counted = pa.table(
        {
            "window_start": pc.floor_temporal(departed["event_time"], unit="hour"),
            "origin": departed["origin"],
            "carrier": departed["carrier"],
            "bucket": _buckets(delays.astype(np.float64)),
        }
    )
    keys = ("window_start", "origin", "carrier", "bucket")
    return _counts(batch.batch_id, counted, keys, DELAY_BUCKETS)


def departure_minutes(batch: RangeEvents) -> pa.Table:
    """Count departures by minute, as `contracts.schema.DEPARTURE_MINUTES`."""
    departed = _departed(batch.events)
    minutes = pc.floor_temporal(departed["event_time"], unit="minute")
    counted = pa.table({"window_start": minutes, "origin": departed["origin"]})
    return _counts(batch.batch_id, counted, ("window_start", "origin"), DEPARTURE_MINUTES)


def bucket_value(bucket: int) -> float:
    """Return what a bucket's delays are taken to be, in minutes: at most `RELATIVE_ERROR` off, and 0 exactly.

    Buckets keep the order of delays, so a quantile of buckets is off by no more either.

    >>> bucket_value(0), round(bucket_value(1), 2), round(bucket_value(-200), 2)
    (0.0, 0.99, -52.99)
    """
    size = 2 * GAMMA ** (abs(bucket) - 1) / (GAMMA + 1)
    return float(np.sign(bucket) * size)


def _buckets(delays: np.ndarray) -> np.ndarray:
    """Return of each delay, in minutes, its bucket: DDSketch's, with the delay's sign, and 0 for none.

    DDSketch's first, of a size of 1, is 0; it is 1 here, since -1, 0 and 1 minutes are not the same.

    https://www.vldb.org/pvldb/vol12/p2195-masson.pdf
    """
    sizes = np.ceil(np.log(np.maximum(np.abs(delays), 1)) / np.log(GAMMA)) + 1
    buckets: np.ndarray = (np.sign(delays) * sizes).astype(np.int32)
    return buckets


def _departed(events: pa.Table) -> pa.Table:
    return events.filter(pc.equal(events["kind"], "departed"))


def _counts(batch_id: str, table: pa.Table, keys: Sequence[str], schema: pa.Schema) -> pa.Table:
    counts = _grouped(table, keys, [([], "count_all")])
    columns = [pa.repeat(batch_id, counts.num_rows), *(counts[name] for name in (*keys, "count_all"))]
    return pa.table(columns, names=schema.names).cast(schema)


def _grouped(table: pa.Table, keys: Sequence[str], sums: list[tuple[str | list[str], str]]) -> pa.Table:
    grouped = table.group_by(list(keys), use_threads=False).aggregate(sums)
    return grouped.sort_by([(key, "ascending") for key in keys])


WINDOWS = (
    Window("partials", airport_hours),
    Window("delay_buckets", delay_buckets),
    Window("departure_minutes", departure_minutes),
    Window("aircraft_sessions", aircraft_sessions),
)
"""Those of the flights."""
