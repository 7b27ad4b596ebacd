"""From the records of a range to its events, rejects and duplicates: the thinking behind the first step."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import pyarrow as pa

from contracts.errors import MillraceError
from contracts.positions import ResumeAfter, ShardRange
from contracts.rejects import Reject
from pipelines.feed import Feed
from pipelines.kinesis.source import Records, Source, join
from pipelines.state import ShardState

CHUNK_RECORDS = 5_000
"""Records of one Arrow table, the size at which Beam costs least a record."""


class RangeLostError(MillraceError):
    """Kinesis no longer gives the records that a plan counted."""

    def __init__(self, shard_range: ShardRange, planned: int, found: int) -> None:
        """Keep the range and both counts."""
        super().__init__(shard_range, planned, found)
        self.shard_range = shard_range
        self.planned = planned
        self.found = found

    def __str__(self) -> str:
        """Say what is missing, and why that may be."""
        return (
            f"range {self.shard_range} was planned with {self.planned} records, Kinesis gives {self.found}; "
            "its retention may have run out, and going on would lose data in silence"
        )


def read_range(source: Source, shard_range: ShardRange, count: int) -> Records:
    """Read the records of a range from Kinesis again.

    Raises:
        RangeLostError: There are not `count` of them.
    """
    parts: list[Records] = []
    after, found = shard_range.after, 0
    while found < count:
        part = source.read(shard_range.shard_id, after)
        part = part[: sum(int(number) <= shard_range.last for number in part.sequence_numbers)]
        if not part:
            break
        parts.append(part)
        found += len(part)
        after = ResumeAfter(part.last)
    if found != count:
        raise RangeLostError(shard_range, count, found)
    return join(parts)


@dataclass(slots=True)
class Outcome:
    """What became of a range's records, beside the events.

    Attributes:
        duplicates: Records whose event the shard has seen already.
        rejects: Records that cannot be events, one line of JSON each.
    """

    duplicates: int = 0
    rejects: list[bytes] = field(default_factory=list)


def events_of(
    records: Records, shard_range: ShardRange, feed: Feed, state: ShardState, outcome: Outcome
) -> Iterator[pa.Table]:
    """Yield a range's new events as tables of `feed.schema`, filling `state` and `outcome` on the way."""
    provenance = {"batch_id": shard_range.batch_id(), "shard_id": shard_range.shard_id}
    for start in range(0, len(records), CHUNK_RECORDS):
        chunk = records[start : start + CHUNK_RECORDS]
        rows: list[dict[str, Any]] = []
        for number, data, received in zip(chunk.sequence_numbers, chunk.data, chunk.received, strict=True):
            row = feed.parse(data)
            if isinstance(row, Reject):
                outcome.rejects.append(_reject_line(row, shard_range, number, received))
            elif state.is_new(row["event_id"], row["event_time"]):
                row["sequence_number"] = number
                row["received_at"] = int(received * 1_000_000)
                rows.append(row | provenance)
            else:
                outcome.duplicates += 1
        if rows:
            yield pa.Table.from_pylist(rows, schema=feed.schema)


def _reject_line(reject: Reject, shard_range: ShardRange, sequence_number: str, received: float) -> bytes:
    return orjson.dumps(
        {
            "batch_id": shard_range.batch_id(),
            "stream": shard_range.stream.name,
            "shard_id": shard_range.shard_id,
            "sequence_number": sequence_number,
            "received_at": received,
            "stage": "parse",
            "rule": reject.rule,
            "detail": reject.detail.encode(errors="replace").decode(),
            "data_hex": reject.data.hex(),
        }
    )
