"""From the records of a range to its events, rejects and duplicates: the thinking behind the first step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from contracts.batches import BadBatchError, are_plain, unpack
from contracts.errors import MillraceError
from contracts.manifest import Dataset, LakeObject
from contracts.positions import ResumeAfter, ShardRange
from contracts.rejects import Reject
from pipelines.columnar import parse_all
from pipelines.driver.plan import RangePlan
from pipelines.feed import Feed
from pipelines.kinesis.source import Records, Source, join
from pipelines.state import ShardState

CHUNK_EVENTS = 20_000
"""Events that are parsed at once; more would only cost memory."""


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


@dataclass(frozen=True, slots=True)
class Batch:
    """A range on its way through the pipeline: what became of its records, and what is to be written of it.

    Attributes:
        plan: What was read.
        events: New events, rows of the feed's schema.
        records: Records after batches are unpacked; always events + duplicates + rejects.
        duplicates: Records whose event the shard has seen already.
        rejects: Records that cannot be events, one line of JSON each.
        watermark: Event time up to which the shard is believed complete; None before its first event.
        state: To be carried on behind the range.
        objects: To be written, each with its bytes.
    """

    plan: RangePlan
    events: pa.Table
    records: int
    duplicates: int
    rejects: tuple[bytes, ...]
    watermark: datetime | None
    state: ShardState
    objects: tuple[tuple[LakeObject, bytes], ...] = ()

    def with_object(self, dataset: Dataset, key: str, rows: int, data: bytes) -> "Batch":
        """Return the batch with one more object to be written."""
        made = LakeObject.of(dataset, key, rows, data)
        return replace(self, objects=(*self.objects, (made, data)))


def read_range(source: Source, shard_range: ShardRange, count: int) -> Records:
    """Read the records of a range from Kinesis again.

    Raises:
        RangeLostError: There are not `count` of them.
    """
    parts: list[Records] = []
    after, found = shard_range.after, 0
    while found < count:
        part = source.read(shard_range.shard_id, after).records
        part = part[: sum(int(number) <= shard_range.last for number in part.sequence_numbers)]
        if not part:
            break
        parts.append(part)
        found += len(part)
        after = ResumeAfter(part.last)
    if found != count:
        raise RangeLostError(shard_range, count, found)
    return join(parts)


def batch_of(plan: RangePlan, records: Records, feed: Feed, state: ShardState) -> Batch:
    """Parse a range's records, and drop the duplicates that `state` knows; it comes to know the rest."""
    events, owners, rejects = _unpacked(records)
    tables: list[pa.Table] = []
    holders: list[np.ndarray] = []
    for start in range(0, len(events), CHUNK_EVENTS):
        parsed = parse_all(events[start : start + CHUNK_EVENTS], feed.parse, feed.parse_all, feed.fields)
        new = np.array(_are_new(parsed.table, state), dtype=bool)
        tables.append(parsed.table if new.all() else parsed.table.filter(new))
        holders.append(owners[parsed.places.to_numpy()[new] + start])
        for place, reject in parsed.rejects:
            rejects.append((int(owners[start + place]), reject))
    table = feed.schema.empty_table()
    if tables:
        table = _with_provenance(pa.concat_tables(tables), np.concatenate(holders), records, plan, feed)
    _remember_legs(state, table, feed)
    return Batch(
        plan=plan,
        events=table,
        records=len(events) + sum(reject.rule == "bad_batch" for _, reject in rejects),
        duplicates=len(events) - table.num_rows - sum(reject.rule != "bad_batch" for _, reject in rejects),
        rejects=tuple(
            _reject_line(reject, plan.shard_range, records, owner)
            for owner, reject in sorted(rejects, key=lambda each: each[0])
        ),
        watermark=state.watermark(),
        state=state,
    )


def _unpacked(
    records: Records,
) -> tuple[Sequence[bytes], np.ndarray, list[tuple[int, Reject]]]:
    """Return events, of each the place of the record that held it, and the batches that cannot be read."""
    if are_plain(records.data):
        return records.data, np.arange(len(records)), []
    rejects: list[tuple[int, Reject]] = []
    parts: list[Sequence[bytes]] = []
    for place, data in enumerate(records.data):
        try:
            parts.append(unpack(data))
        except BadBatchError as error:
            rejects.append((place, Reject(data, "bad_batch", str(error))))
            parts.append(())
    owners = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    return list(chain.from_iterable(parts)), owners, rejects


def remember(state: ShardState, events: pa.Table, feed: Feed) -> None:
    """Have a state come to know a range's archived events, as it did when they were new."""
    _are_new(events, state)
    _remember_legs(state, events, feed)


def _remember_legs(state: ShardState, events: pa.Table, feed: Feed) -> None:
    if feed.legs_of:
        state.fresh_legs = feed.legs_of(events)


def _are_new(table: pa.Table, state: ShardState) -> list[bool]:
    seconds = pc.divide(table["event_time"].cast(pa.int64()), 1_000_000)
    return state.are_new(table["event_id"].to_pylist(), seconds.to_pylist())


def _with_provenance(
    table: pa.Table, owners: np.ndarray, records: Records, plan: RangePlan, feed: Feed
) -> pa.Table:
    rows = table.num_rows
    numbers, received = pa.array(records.sequence_numbers, pa.string()), np.array(records.received, float)
    micros = pa.array((received[owners] * 1e6).astype(np.int64))
    columns = [
        *table.columns,
        pa.repeat(plan.shard_range.batch_id(), rows),
        pa.repeat(plan.shard_range.shard_id, rows),
        numbers.take(pa.array(owners)),
        micros.cast(feed.schema.field("received_at").type),
    ]
    return pa.table(columns, schema=feed.schema).combine_chunks()


def _reject_line(reject: Reject, shard_range: ShardRange, records: Records, owner: int) -> bytes:
    return orjson.dumps(
        {
            "batch_id": shard_range.batch_id(),
            "stream": shard_range.stream.name,
            "shard_id": shard_range.shard_id,
            "sequence_number": records.sequence_numbers[owner],
            "received_at": records.received[owner],
            "stage": "parse",
            "rule": reject.rule,
            "detail": reject.detail.encode(errors="replace").decode(),
            "data_hex": reject.data.hex(),
        }
    )
