"""Legs: the departures of aircraft, which a shard carries on so that sessions can go on from them."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

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
    departed = events.filter(pc.and_(pc.equal(events["kind"], "departed"), events["tail_number"].is_valid()))
    seconds = pc.divide(departed["event_time"].cast(pa.int64()), 1_000_000)
    columns = [seconds if name == "event_time" else departed[name] for name in LEGS.names]
    return pa.table(columns, schema=LEGS)
