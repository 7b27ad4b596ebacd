"""Legs: the departures of aircraft, which a shard carries on so that sessions go on from them."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from contracts.positions import hash_key

SESSION_GAP = timedelta(hours=10)
"""After so long without a departure a session has ended: gaps of 10 to 12 hours are the year's fewest."""

LEGS = pa.schema(
    [
        pa.field("event_id", pa.string()),
        pa.field("event_time", pa.int64()),  # when it really left, in seconds since 1970
        pa.field("tail_number", pa.string()),
        pa.field("origin", pa.string()),
        pa.field("destination", pa.string()),
        pa.field("delay_minutes", pa.int32()),
    ]
)


@dataclass(frozen=True, slots=True)
class RangeEvents:
    """What windows are computed of.

    Attributes:
        batch_id: The range's.
        events: New in it, as `contracts.schema.FLIGHT_FIELDS` has them.
        legs: That the shard knew before, as `LEGS`.
    """

    batch_id: str
    events: pa.Table
    legs: pa.Table


def legs_of(events: pa.Table) -> pa.Table:
    """Return the departures among flight events whose aircraft is known."""
    is_leg = pc.and_(pc.equal(events["kind"], "departed"), events["tail_number"].is_valid())
    departed = events.select(LEGS.names).filter(is_leg)
    seconds = pc.divide(departed["event_time"].cast(pa.int64()), 1_000_000)
    columns = [seconds if name == "event_time" else departed[name] for name in LEGS.names]
    return pa.table(columns, schema=LEGS)


def order_of(legs: pa.Table) -> np.ndarray:
    """Return the places of legs in the order of their sessions: by aircraft, then time, then identity."""
    keys = ("tail_number", "event_time", "event_id")
    order: np.ndarray = pc.sort_indices(legs, [(key, "ascending") for key in keys]).to_numpy()
    return order


def are_session_starts(ordered: pa.Table) -> np.ndarray:
    """Return of each leg, in the order of sessions, whether a session begins with it."""
    tails, times = ordered["tail_number"], ordered["event_time"].to_numpy()
    starts = np.ones(ordered.num_rows, bool)
    if ordered.num_rows:
        is_other = pc.not_equal(tails.slice(1), tails.slice(0, len(tails) - 1)).to_numpy()
        starts[1:] = is_other | (np.diff(times) >= SESSION_GAP.total_seconds())
    return starts


def with_their_sessions(ordered: pa.Table, marked: np.ndarray) -> np.ndarray:
    """Return of each leg, in the order of sessions, whether its session has a leg that is marked."""
    sessions = np.cumsum(are_session_starts(ordered)) - 1
    found: np.ndarray = np.bincount(sessions, marked)[sessions] > 0
    return found


def of_hash_keys(legs: pa.Table, *hash_keys: range) -> pa.Table:
    """Return the legs of aircraft whose events belong to shards of these hash keys, all of them."""
    tails = legs["tail_number"].unique()
    own = [all(hash_key(tail) in each for each in hash_keys) for tail in tails.to_pylist()]
    return legs.filter(pc.is_in(legs["tail_number"], tails.filter(pa.array(own, pa.bool_()))))
