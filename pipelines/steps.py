"""The steps of a pipeline: each is wiring around a plain function that thinks.

Every element that leaves the first step carries its range's plan as JSON, a deterministic key.
"""

import io
from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
import pyarrow as pa
from pyarrow import parquet

from contracts.lake import events_key, manifest_key, partials_key, rejects_key, state_key
from contracts.manifest import Dataset, LakeObject, RangeManifest
from pipelines.driver.plan import RangePlan
from pipelines.feed import Feed
from pipelines.kinesis.cache import cached
from pipelines.kinesis.source import Source
from pipelines.on_time import OnTimeCounts, hourly_counts, partials_table
from pipelines.ranges import Outcome, events_of, read_range
from pipelines.state import ShardState
from runtime.objects import Objects

COUNTS, REJECTS, EVENTS = "counts", "rejects", "events"


class ReadShardRanges(beam.PTransform[Any, Any]):
    """From plans to events, rejects and counts.

    **Parallelism**: one range of one shard an element, because Beam does not order elements. **Delivery**: a
    range is read whole or the run fails. **Order**: the shard's. **On failure**: `RangeLostError` where
    Kinesis no longer has what was planned; the run is repeated from its plan.
    """

    def __init__(self, source: Source, feed: Feed, objects: Objects) -> None:
        """Take the stream, its meaning, and where the shards' state stands."""
        super().__init__()
        self._do = _ReadShardRange(source, feed, objects)

    def expand(self, plans: Any) -> Any:
        """Return the outputs `events`, `rejects` and `counts`."""
        return plans | "Read, parse and validate, drop duplicates" >> beam.ParDo(self._do).with_outputs(
            COUNTS, REJECTS, main=EVENTS
        )


class _ReadShardRange(beam.DoFn):
    def __init__(self, source: Source, feed: Feed, objects: Objects) -> None:
        self._source = source
        self._feed = feed
        self._objects = objects

    def process(self, plan_json: str) -> Iterator[Any]:
        plan = RangePlan.from_json(plan_json)
        shard_range, after = plan.shard_range, plan.shard_range.after.sequence_number
        records = cached(shard_range)
        if records is None:
            records = read_range(self._source, shard_range, plan.count)
        state = ShardState()
        if after is not None:
            parent = state_key(shard_range.stream, shard_range.shard_id, after)
            state = ShardState.from_parquet(self._objects.get(parent))
        outcome = Outcome()
        for part, table in enumerate(events_of(records, shard_range, self._feed, state, outcome)):
            yield plan_json, (part, table)
        state_name = state_key(shard_range.stream, shard_range.shard_id, shard_range.last)
        self._objects.put(state_name, state.to_parquet())
        if outcome.rejects:
            yield beam.pvalue.TaggedOutput(REJECTS, (plan_json, outcome.rejects))
        counts = (outcome.duplicates, len(outcome.rejects), state.watermark())
        yield beam.pvalue.TaggedOutput(COUNTS, (plan_json, counts))


class ArchiveEvents(beam.PTransform[Any, Any]):
    """Writes each table of events as one Parquet object, and yields (plan, object)."""

    def __init__(self, objects: Objects) -> None:
        """Take where to write."""
        super().__init__()
        self._objects = objects

    def expand(self, events: Any) -> Any:
        """Return the objects written."""
        return events | "Write events as Parquet" >> beam.MapTuple(self._write)

    def _write(self, plan_json: str, part_and_table: tuple[int, pa.Table]) -> tuple[str, LakeObject]:
        part, table = part_and_table
        key = events_key(RangePlan.from_json(plan_json).shard_range, part)
        return plan_json, _put(self._objects, "events", key, table.num_rows, parquet_bytes(table))


class AggregateOnTimeHours(beam.PTransform[Any, Any]):
    """Hourly on-time partials of each range as one Parquet object, and yields (plan, object)."""

    def __init__(self, objects: Objects) -> None:
        """Take where to write."""
        super().__init__()
        self._objects = objects

    def expand(self, events: Any) -> Any:
        """Return the objects written."""
        return (
            events
            | "Count departures by hour" >> beam.FlatMapTuple(_keyed_counts)
            | "Add up the hours of a range" >> beam.CombinePerKey(OnTimeCounts())
            | "Name the range" >> beam.MapTuple(_by_plan)
            | "Gather the hours of a range" >> beam.GroupByKey()
            | "Write partials as Parquet" >> beam.MapTuple(self._write)
        )

    def _write(self, plan_json: str, windows: Iterable[Any]) -> tuple[str, LakeObject]:
        shard_range = RangePlan.from_json(plan_json).shard_range
        table = partials_table(shard_range.batch_id(), windows)
        key = partials_key(shard_range)
        return plan_json, _put(self._objects, "partials", key, table.num_rows, parquet_bytes(table))


class WriteRejects(beam.PTransform[Any, Any]):
    """Writes the rejects of each range as one object of JSON lines, and yields (plan, object)."""

    def __init__(self, objects: Objects) -> None:
        """Take where to write."""
        super().__init__()
        self._objects = objects

    def expand(self, rejects: Any) -> Any:
        """Return the objects written."""
        return rejects | "Write rejects as JSON lines" >> beam.MapTuple(self._write)

    def _write(self, plan_json: str, lines: list[bytes]) -> tuple[str, LakeObject]:
        key = rejects_key(RangePlan.from_json(plan_json).shard_range)
        data = b"".join(line + b"\n" for line in lines)
        return plan_json, _put(self._objects, "rejects", key, len(lines), data)


class WriteManifests(beam.PTransform[Any, Any]):
    """Writes each range's manifest, the last output of a run: all that it names is there already."""

    def __init__(self, objects: Objects) -> None:
        """Take where to write."""
        super().__init__()
        self._objects = objects

    def expand(self, counts_and_objects: Any) -> Any:
        """Take the counts, then the collections of objects, all by plan."""
        counts, *written = counts_and_objects
        gathered = {"counts": counts, "objects": written | "Collect what was written" >> beam.Flatten()}
        return (
            gathered
            | "Gather what a range became" >> beam.CoGroupByKey()
            | "Write manifests" >> beam.MapTuple(self._write)
        )

    def _write(self, plan_json: str, gathered: dict[str, list[Any]]) -> str:
        plan = RangePlan.from_json(plan_json)
        ((duplicates, rejects, watermark),) = gathered["counts"]
        manifest = RangeManifest(
            shard_range=plan.shard_range,
            records=plan.count,
            duplicates=duplicates,
            rejects=rejects,
            watermark=watermark,
            objects=tuple(sorted(gathered["objects"], key=lambda each: each.key)),
        )
        self._objects.put(manifest_key(plan.shard_range), manifest.to_json())
        return plan_json


def parquet_bytes(table: pa.Table) -> bytes:
    """Return a table as one Parquet file; the same table is always the same bytes."""
    sink = io.BytesIO()
    parquet.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def _put(objects: Objects, dataset: Dataset, key: str, rows: int, data: bytes) -> LakeObject:
    objects.put(key, data)
    return LakeObject(dataset, key, rows, len(data))


def _keyed_counts(plan_json: str, part_and_table: tuple[int, pa.Table]) -> Iterator[Any]:
    for window, counts in hourly_counts(part_and_table[1]):
        yield (plan_json, *window), counts


def _by_plan(key: tuple[str, int, str, str], counts: Any) -> tuple[str, Any]:
    return key[0], (key[1:], counts)
