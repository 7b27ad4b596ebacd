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
from contracts.manifest import Dataset, LakeObject
from contracts.positions import ShardRange
from contracts.rejects import Reject
from pipelines.columnar import parse_all
from pipelines.driver.plan import RangePlan
from pipelines.feed import Feed
from pipelines.kinesis.source import Records
from pipelines.state import ShardState

CHUNK_EVENTS = 20_000
"""Events that are parsed at once; more would only cost memory."""


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


@dataclass(frozen=True, slots=True)
class _Unpacked:
    """Events of records, and where each stands: the place of its record, and its own within that."""

    events: Sequence[bytes]
    owners: np.ndarray
    sub_sequence_numbers: np.ndarray
    damaged: list[tuple[int, Reject]]


def batch_of(plan: RangePlan, records: Records, feed: Feed, state: ShardState) -> Batch:
    """Parse a range's records, and drop the duplicates that `state` knows; it comes to know the rest."""
    unpacked = _unpacked(records)
    events, owners = unpacked.events, unpacked.owners
    rejects: list[tuple[int, int | None, Reject]] = [(owner, None, each) for owner, each in unpacked.damaged]
    tables: list[pa.Table] = []
    places: list[np.ndarray] = []
    for start in range(0, len(events), CHUNK_EVENTS):
        parsed = parse_all(events[start : start + CHUNK_EVENTS], feed.parse, feed.parse_all, feed.fields)
        new = np.array(_are_new(parsed.table, state, plan), dtype=bool)
        tables.append(parsed.table if new.all() else parsed.table.filter(new))
        places.append(parsed.places.to_numpy()[new] + start)
        for place, reject in parsed.rejects:
            at = start + place
            rejects.append((int(owners[at]), int(unpacked.sub_sequence_numbers[at]), reject))
    table = feed.schema.empty_table()
    if tables:
        found = np.concatenate(places)
        table = _with_provenance(pa.concat_tables(tables), found, unpacked, records, plan, feed)
    _remember_legs(state, table, feed)
    damaged = len(unpacked.damaged)
    return Batch(
        plan=plan,
        events=table,
        records=len(events) + damaged,
        duplicates=len(events) - table.num_rows - (len(rejects) - damaged),
        rejects=tuple(
            _reject_line(reject, plan.shard_range, records, owner, number)
            for owner, number, reject in sorted(rejects, key=lambda each: each[0])
        ),
        watermark=state.watermark(),
        state=state,
    )


def _unpacked(records: Records) -> _Unpacked:
    if are_plain(records.data):
        count = len(records)
        return _Unpacked(records.data, np.arange(count), np.zeros(count, np.int32), [])
    damaged: list[tuple[int, Reject]] = []
    parts: list[Sequence[bytes]] = []
    for place, data in enumerate(records.data):
        try:
            parts.append(unpack(data))
        except BadBatchError as error:
            damaged.append((place, Reject(data, "bad_batch", str(error))))
            parts.append(())
    counts = np.fromiter(map(len, parts), np.int64, len(parts))
    owners = np.repeat(np.arange(len(parts)), counts)
    firsts = np.cumsum(counts) - counts
    numbers = (np.arange(len(owners)) - firsts[owners]).astype(np.int32)
    return _Unpacked(list(chain.from_iterable(parts)), owners, numbers, damaged)


def remember(state: ShardState, events: pa.Table, plan: RangePlan, feed: Feed) -> None:
    """Have a state come to know a range's archived events, as it did when they were new."""
    _are_new(events, state, plan)
    _remember_legs(state, events, feed)


def _remember_legs(state: ShardState, events: pa.Table, feed: Feed) -> None:
    if feed.legs_of:
        state.fresh_legs = feed.legs_of(events)


def _are_new(table: pa.Table, state: ShardState, plan: RangePlan) -> list[bool]:
    seconds = pc.divide(table["event_time"].cast(pa.int64()), 1_000_000)
    return state.are_new(table["event_id"].to_pylist(), seconds.to_pylist(), plan.planned_at)


def _with_provenance(  # noqa: PLR0913, PLR0917  # all that an event's place is made of
    table: pa.Table, places: np.ndarray, unpacked: _Unpacked, records: Records, plan: RangePlan, feed: Feed
) -> pa.Table:
    rows = table.num_rows
    numbers, received = pa.array(records.sequence_numbers, pa.string()), np.array(records.received, float)
    owners = unpacked.owners[places]
    micros = pa.array((received[owners] * 1e6).astype(np.int64))
    columns = [
        *table.columns,
        pa.repeat(plan.shard_range.batch_id(), rows),
        pa.repeat(plan.shard_range.shard_id, rows),
        numbers.take(pa.array(owners)),
        pa.array(unpacked.sub_sequence_numbers[places]),
        micros.cast(feed.schema.field("received_at").type),
    ]
    return pa.table(columns, schema=feed.schema).combine_chunks()


def _reject_line(
    reject: Reject, shard_range: ShardRange, records: Records, owner: int, sub_sequence_number: int | None
) -> bytes:
    return orjson.dumps(
        {
            "batch_id": shard_range.batch_id(),
            "stream": shard_range.stream.name,
            "shard_id": shard_range.shard_id,
            "sequence_number": records.sequence_numbers[owner],
            "sub_sequence_number": sub_sequence_number,
            "received_at": records.received[owner],
            "stage": "parse",
            "rule": reject.rule,
            "detail": reject.detail.encode(errors="replace").decode(),
            "data_hex": reject.data.hex(),
        }
    )
