"""Session windows: an aircraft's day, the chain of its legs, and how delay carries on along it.

A leg never parts what was one session: it begins one, extends one, or joins two. So a range takes back the
sessions that its legs touch, as they were told, and tells what they have become.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from contracts.schema import AIRCRAFT_SESSIONS
from pipelines.legs import RangeEvents, are_session_starts, legs_of, order_of, with_their_sessions

MOST_SHOWN = 100
"""Legs that a route shows; no session of the year has more than 20."""


def aircraft_sessions(batch: RangeEvents) -> pa.Table:
    """Return the sessions that a range changed, before and after, as `contracts.schema.AIRCRAFT_SESSIONS`."""
    new = legs_of(batch.events)
    is_near = pc.is_in(batch.legs["tail_number"], new["tail_number"].combine_chunks())
    known = batch.legs.filter(is_near)
    legs = pa.concat_tables([known, new]).combine_chunks()
    order = order_of(legs)
    legs, is_new = legs.take(order), order >= known.num_rows
    is_touched = with_their_sessions(legs, is_new)
    told, tells = legs.filter(is_touched & ~is_new), legs.filter(is_touched)
    changes = pa.concat_tables([_sessions(batch.batch_id, told, -1), _sessions(batch.batch_id, tells, 1)])
    return changes.sort_by([(key, "ascending") for key in ("tail_number", "session_start", "change")])


def _sessions(batch_id: str, legs: pa.Table, change: int) -> pa.Table:
    """Return the sessions of legs, which are in their order."""
    starts = are_session_starts(legs)
    firsts = np.flatnonzero(starts)
    counts = np.diff(firsts, append=len(starts))
    delays = legs["delay_minutes"].to_numpy().astype(np.int64)
    behind = np.maximum(delays, 0)
    carried = np.where(starts, 0, np.minimum(behind, np.roll(behind, 1)))
    columns = [
        pa.repeat(batch_id, len(firsts)),
        legs["tail_number"].take(firsts),
        _times(legs, firsts),
        _times(legs, firsts + counts - 1),
        counts,
        _routes(legs, firsts, counts),
        np.add.reduceat(delays, firsts),
        np.maximum.reduceat(delays, firsts),
        np.add.reduceat(carried, firsts),
        pa.repeat(change, len(firsts)),
    ]
    return pa.table(columns, names=AIRCRAFT_SESSIONS.names).cast(AIRCRAFT_SESSIONS)


def _times(legs: pa.Table, places: np.ndarray) -> pa.ChunkedArray:
    seconds = legs["event_time"].take(places)
    return pc.multiply(seconds, 1_000_000).cast(AIRCRAFT_SESSIONS.field("session_start").type)


def _routes(legs: pa.Table, firsts: np.ndarray, counts: np.ndarray) -> pa.Array:
    words = pc.binary_join_element_wise(legs["origin"], legs["destination"], "-")
    is_shown = np.arange(len(words)) - np.repeat(firsts, counts) < MOST_SHOWN
    ends = np.cumsum(np.minimum(counts, MOST_SHOWN))
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    shown = words.filter(is_shown).combine_chunks()
    return pc.binary_join(pa.ListArray.from_arrays(offsets, shown), " ")
