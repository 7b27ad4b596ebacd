"""The steps of a pipeline: each is wiring around a plain function that thinks.

One element is one range of one shard, from its plan as JSON to its manifest: Beam does not order elements,
and a range's events are one Arrow table.
"""

import io
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam.coders.coder_impl import CallbackCoderImpl
from apache_beam.coders.typecoders import registry
from pyarrow import parquet

from contracts.lake import events_key, manifest_key, partials_key, rejects_key
from contracts.manifest import RangeManifest
from contracts.positions import ShardRange
from pipelines import state
from pipelines.driver.plan import RangePlan
from pipelines.feed import Feed
from pipelines.kinesis.read import RangeRead, ReadAllFromKinesis
from pipelines.kinesis.source import Source
from pipelines.legs import RangeEvents
from pipelines.ranges import Batch, batch_of
from pipelines.state import ShardState
from pipelines.windows import Window
from runtime.objects import Objects

_WRITERS = 8
_UNIQUE = frozenset({"event_id", "event_time", "sequence_number"})
"""Columns whose values hardly repeat: a dictionary of them is work, and makes the file larger."""


class BatchCoder(beam.coders.PickleCoder):
    """Beam's own coder, which guesses sizes.

    Beam asks for the size of elements that it only hands on, and would pickle each batch for it at each step.
    """

    def _create_impl(self) -> Any:
        coder = super()._create_impl()  # type: ignore[no-untyped-call]  # Beam's
        return CallbackCoderImpl(coder.encode, coder.decode, lambda batch: batch.events.nbytes)


registry.register_coder(Batch, BatchCoder)


class ReadRanges(beam.PTransform[Any, Any]):
    """From plans to batches: read, parse and validate, drop duplicates.

    **Parallelism**: one range an element. **Delivery**: a range is read whole or the run fails. **Order**:
    the shard's. **On failure**: `RangeLostError` where Kinesis no longer has what was planned; the run is
    repeated from its plan.
    """

    def __init__(self, source: Source, feed: Feed, objects: Objects) -> None:
        """Take the stream, its meaning, and where the shards' state stands."""
        super().__init__()
        self._source = source
        self._feed = feed
        self._objects = objects

    def expand(self, plans: Any) -> Any:
        """Return a batch a plan."""
        return (
            plans
            | "Plans" >> beam.Map(RangePlan.from_json).with_output_types(RangePlan)
            | ReadAllFromKinesis(self._source)
            | "Parse and validate, drop duplicates" >> beam.Map(self.parse).with_output_types(Batch)
        )

    def parse(self, read: RangeRead) -> Batch:
        """Return the batch of a range that was read."""
        plan: RangePlan = read.asked
        return batch_of(plan, read.records, self._feed, state.take(self._objects, plan))


class ArchiveEvents(beam.PTransform[Any, Any]):
    """Each batch's events as one Parquet file."""

    def expand(self, batches: Any) -> Any:
        """Return the batches with that object."""
        return batches | "Events as Parquet" >> beam.Map(_archive).with_output_types(Batch)


def _archive(batch: Batch) -> Batch:
    if not batch.events.num_rows:
        return batch
    key = events_key(batch.plan.shard_range, 0)
    return batch.with_object("events", key, batch.events.num_rows, parquet_bytes(batch.events))


class AggregateWindows(beam.PTransform[Any, Any]):
    """Each batch's share of every window it touches, additive, as one Parquet file a kind of window."""

    def __init__(self, windows: Sequence[Window]) -> None:
        """Take the kinds of windows."""
        super().__init__()
        self._windows = windows

    def expand(self, batches: Any) -> Any:
        """Return the batches with those objects."""
        return batches | "Partials as Parquet" >> beam.Map(self._aggregate).with_output_types(Batch)

    def _aggregate(self, batch: Batch) -> Batch:
        shard_range = batch.plan.shard_range
        found = RangeEvents(shard_range.batch_id(), batch.events, batch.state.legs)
        for window in self._windows:
            table = window.partials(found)
            if table.num_rows:
                key = partials_key(shard_range, window.dataset)
                batch = batch.with_object(window.dataset, key, table.num_rows, parquet_bytes(table))
        return batch


class SetRejectsAside(beam.PTransform[Any, Any]):
    """Each batch's rejects as JSON lines."""

    def expand(self, batches: Any) -> Any:
        """Return the batches with that object."""
        return batches | "Rejects as JSON lines" >> beam.Map(_set_aside).with_output_types(Batch)


def _set_aside(batch: Batch) -> Batch:
    if not batch.rejects:
        return batch
    data = b"".join(line + b"\n" for line in batch.rejects)
    return batch.with_object("rejects", rejects_key(batch.plan.shard_range), len(batch.rejects), data)


class DeliverBatches(beam.PTransform[Any, Any]):
    """Writes what was made of each batch, and its manifest last: all that it names is there already.

    Objects are written while later batches are computed, manifests at the end of Beam's bundle.
    """

    def __init__(self, objects: Objects) -> None:
        """Take where to write."""
        super().__init__()
        self._objects = objects

    def expand(self, batches: Any) -> Any:
        """Return nothing: what there is to know is in the manifests."""
        return batches | "Write objects, state and manifest" >> beam.ParDo(Deliver(self._objects))


class Deliver(beam.DoFn):
    """See `DeliverBatches`."""

    def __init__(self, objects: Objects) -> None:
        """Take where to write."""
        super().__init__()  # type: ignore[no-untyped-call]  # Beam's
        self._objects = objects
        self._writing: list[_Writing] = []

    def start_bundle(self) -> None:
        """Give up what a bundle that failed has left."""
        self._give_up()

    def process(self, batch: Batch) -> None:
        """Begin to write a batch's objects."""
        batch = with_state(batch)
        puts = [self._put(each.key, data) for each, data in batch.objects]
        self._writing.append(_Writing(batch.plan.shard_range, batch.state, _manifest(batch).to_json(), puts))

    def finish_bundle(self) -> None:
        """Write each manifest when all that it names is there, and wait for that."""
        try:
            for each in self._writing:
                for put in each.puts:
                    put.result()
                each.puts.append(self._put(manifest_key(each.shard_range), each.manifest))
            for each in self._writing:
                each.puts[-1].result()
                state.keep(each.shard_range, each.state)
        finally:
            self._give_up()

    def _put(self, key: str, data: bytes) -> Future[None]:
        return _writers().submit(self._objects.put, key, data)

    def _give_up(self) -> None:
        """Begin no more writes; where all are done, there are none."""
        for put in (put for each in self._writing for put in each.puts):
            put.cancel()
        self._writing = []


@dataclass(frozen=True, slots=True)
class _Writing:
    """A batch whose objects are being written."""

    shard_range: ShardRange
    state: ShardState
    manifest: bytes
    puts: list[Future[None]]


def _manifest(batch: Batch) -> RangeManifest:
    first_event, last_event = event_times(batch.events)
    return RangeManifest(
        shard_range=batch.plan.shard_range,
        records=batch.records,
        duplicates=batch.duplicates,
        rejects=len(batch.rejects),
        watermark=batch.watermark,
        objects=tuple(sorted((each for each, _ in batch.objects), key=lambda each: each.key)),
        parents=tuple(shard_id for shard_id, _ in batch.plan.parents),
        first_event=first_event,
        last_event=last_event,
    )


def with_state(batch: Batch) -> Batch:
    """Return a batch with the state behind it among its objects; the state goes on from there."""
    rows = len(batch.state.fresh)
    key, data = batch.state.to_object(batch.plan.shard_range)
    return batch.with_object("state", key, rows, data)


def event_times(events: pa.Table) -> tuple[datetime | None, datetime | None]:
    """Return the smallest and the largest event time; None where there is no event."""
    found = pc.min_max(events["event_time"]).as_py()
    return found["min"], found["max"]


@cache
def _writers() -> ThreadPoolExecutor:
    """Return the threads that wait for S3 side by side."""
    return ThreadPoolExecutor(_WRITERS, "write to the lake")


def parquet_bytes(table: pa.Table) -> bytes:
    """Return a table as one Parquet file; the same table is always the same bytes."""
    sink = io.BytesIO()
    repeated = [name for name in table.column_names if name not in _UNIQUE]
    parquet.write_table(table, sink, compression="zstd", use_dictionary=repeated)
    return sink.getvalue()
