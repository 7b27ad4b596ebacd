"""What a shard carries from one range to the next: the events it has seen, over a horizon of event time."""

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyarrow as pa
from pyarrow import parquet

HORIZON = timedelta(days=35)
"""How long, in event time, a duplicate is recognised; a second replay of a month falls within it."""

RECENT_EVENTS = 50_000
"""How many of the last events are recognised however old they are: older days may follow newer ones."""

OUT_OF_ORDERNESS = timedelta(hours=6)
"""How far, in event time, an event may come behind the newest of its shard and not be late."""

_SCHEMA = pa.schema({"event_id": pa.string(), "event_time": pa.int64()})


@dataclass(slots=True)
class ShardState:
    """Events of one shard by identity.

    Attributes:
        seen: Event time of each event, in seconds since 1970, by `event_id`.
    """

    seen: dict[str, int] = field(default_factory=dict)

    def is_new(self, event_id: str, event_time: datetime) -> bool:
        """Remember an event, and return whether it is seen for the first time."""
        if event_id in self.seen:
            return False
        self.seen[event_id] = int(event_time.timestamp())
        return True

    def watermark(self) -> datetime | None:
        """Return the event time up to which the shard is believed complete; None before its first event."""
        if not self.seen:
            return None
        return datetime.fromtimestamp(max(self.seen.values()), UTC) - OUT_OF_ORDERNESS

    def to_parquet(self) -> bytes:
        """Write the state without what lies beyond the horizon; the same state is always the same bytes."""
        oldest = max(self.seen.values(), default=0) - int(HORIZON.total_seconds())
        recent = len(self.seen) - RECENT_EVENTS
        kept = {
            event_id: at
            for place, (event_id, at) in enumerate(self.seen.items())
            if at >= oldest or place >= recent
        }
        table = pa.table({"event_id": list(kept), "event_time": list(kept.values())}, schema=_SCHEMA)
        sink = io.BytesIO()
        parquet.write_table(table, sink, compression="zstd")
        return sink.getvalue()

    @classmethod
    def from_parquet(cls, data: bytes) -> "ShardState":
        """Read what `to_parquet` wrote."""
        table = parquet.read_table(io.BytesIO(data))
        return cls(dict(zip(table["event_id"].to_pylist(), table["event_time"].to_pylist(), strict=True)))
