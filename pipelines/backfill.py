"""The backfill: windows of archived events, computed anew by today's transforms.

One element is one range, by its plan, as in the stream; its events come from the archive instead of Kinesis.
On unchanged data and code every object comes out byte for byte as it stands, and nothing is written.
"""

import hashlib
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from itertools import batched
from typing import Any

import apache_beam as beam
import pyarrow as pa
from pyarrow import parquet

from contracts.errors import MillraceError
from contracts.lake import MANIFESTS, manifest_key, plan_key
from contracts.manifest import Dataset, LakeObject, RangeManifest
from contracts.streams import FLIGHT_EVENTS_STREAM
from pipelines import state
from pipelines.driver.plan import RangePlan
from pipelines.driver.runs import Runs
from pipelines.feed import FLIGHTS
from pipelines.ranges import Batch, remember
from pipelines.steps import AggregateWindows, with_state
from pipelines.windows import WINDOWS, Window
from runtime.objects import NoSuchObjectError, Objects

MOST_RANGES = 8
"""Of one run, so that whoever waits sees it go on."""

_READERS = 8
_CARRIED: frozenset[Dataset] = frozenset({"aircraft_sessions", "state"})
"""What a range makes of earlier ones, too: where one differs, all may."""


class ArchiveDamagedError(MillraceError):
    """An object of the archive is missing, or is not what its manifest says."""

    def __init__(self, key: str, why: str) -> None:
        """Keep which, and what is wrong with it."""
        super().__init__(key, why)
        self.key = key
        self.why = why

    def __str__(self) -> str:
        """Say what is wrong, and what holds."""
        return (
            f"`{self.key}` of the archive {self.why}; nothing of its range was rewritten: bring it back and "
            "run the backfill again, which goes on where it ended"
        )


class ReadArchive(beam.PTransform[Any, Any]):
    """From plans to batches, as `ReadRanges` makes them, but of archived events.

    **Parallelism**: one range an element. **Order**: none needed; in the shard's it is faster. **On
    failure**: `ArchiveDamagedError` where an object is missing or damaged.
    """

    def __init__(self, objects: Objects) -> None:
        """Take the lake."""
        super().__init__()
        self._objects = objects

    def expand(self, plans: Any) -> Any:
        """Return a batch a plan."""
        return plans | "Read the archive" >> beam.Map(self._read).with_output_types(Batch)

    def _read(self, plan_json: str) -> Batch:
        plan = RangePlan.from_json(plan_json)
        try:
            manifest = RangeManifest.from_json(self._objects.get(manifest_key(plan.shard_range)))
            known = state.take(self._objects, plan)
            events = archived(self._objects, manifest)
        except NoSuchObjectError as error:
            raise ArchiveDamagedError(error.key, "is missing") from None
        remember(known, events, plan, FLIGHTS)
        return Batch(plan, events, manifest.records, manifest.duplicates, (), manifest.watermark, known)


class RewriteWhatDiffers(beam.PTransform[Any, Any]):
    """Writes those objects of each batch that are not as the manifest has them, and then the manifest.

    **Delivery**: whoever repeats it finds in the manifest what is still to be written.
    """

    def __init__(self, objects: Objects, datasets: Collection[Dataset]) -> None:
        """Take the lake, and what batches are made of here; all else of a manifest stays."""
        super().__init__()
        self._objects = objects
        self._datasets = datasets

    def expand(self, batches: Any) -> Any:
        """Return the plans whose ranges are as they are to be."""
        return batches | "Rewrite what differs" >> beam.Map(self._rewrite)

    def _rewrite(self, batch: Batch) -> str:
        batch = with_state(batch)
        key = manifest_key(batch.plan.shard_range)
        manifest = RangeManifest.from_json(self._objects.get(key))
        before = {each for each in manifest.objects if each.dataset in self._datasets}
        after = dict(batch.objects)
        for each in after.keys() - before:
            self._objects.put(each.key, after[each])
        if after.keys() != before:
            objects = sorted({*manifest.objects} - before | after.keys(), key=lambda each: each.key)
            manifest = replace(manifest, objects=tuple(objects))
            self._objects.put(key, manifest.to_json())
        for gone in {each.key for each in before} - {each.key for each in after}:
            self._objects.delete(gone)
        state.keep(batch.plan.shard_range, batch.state)
        return batch.plan.to_json()


class Backfill:
    """Backfills of one lake's flights; the weather has no windows.

    **On failure**: run it again, it goes on with what still differs.
    """

    def __init__(
        self,
        objects: Objects,
        windows: Sequence[Window] = WINDOWS,
        stream_name: str = FLIGHT_EVENTS_STREAM,
    ) -> None:
        """Take the lake, the windows to compute, and the stream of whose events."""
        self._objects = objects
        self._stream_name = stream_name
        datasets: set[Dataset] = {*(each.dataset for each in windows), "state"}
        self._runs = Runs(
            lambda plans: (
                plans
                | ReadArchive(objects)
                | AggregateWindows(windows)
                | RewriteWhatDiffers(objects, datasets)
            )
        )

    def ranges(self) -> list[RangeManifest]:
        """Return the manifests of all ranges of flights, each shard's in their order, parents first."""
        with ThreadPoolExecutor(_READERS, "manifests") as readers:
            found = list(readers.map(self._manifest, self._objects.keys(MANIFESTS)))
        return [each for each in found if each.shard_range.stream.name == self._stream_name]

    def run(
        self, ranges: Sequence[RangeManifest], progress: Callable[[int], None] = lambda _done: None
    ) -> list[LakeObject]:
        """Compute the windows of these ranges anew; return the objects that differed, as they are now.

        Args:
            ranges: In the order of `ranges`.
            progress: Told how many ranges are done.

        Raises:
            ArchiveDamagedError: An object that they need is missing or damaged.
        """
        changed: list[LakeObject] = []
        for part in batched(ranges, MOST_RANGES, strict=False):
            before = {self._key(each): {*each.objects} for each in part}
            self._runs.run([self._plan(each) for each in part])
            for each in part:
                now = self._manifest(self._key(each))
                changed += [found for found in now.objects if found not in before[self._key(each)]]
            progress(len(part))
        return changed

    @staticmethod
    def _key(manifest: RangeManifest) -> str:
        return manifest_key(manifest.shard_range)

    def _manifest(self, key: str) -> RangeManifest:
        try:
            return RangeManifest.from_json(self._objects.get(key))
        except (ValueError, LookupError, TypeError):
            raise ArchiveDamagedError(key, "is no manifest") from None

    def _plan(self, manifest: RangeManifest) -> str:
        shard_range = manifest.shard_range
        key = plan_key(shard_range.stream, shard_range.shard_id, shard_range.after)
        try:
            return self._objects.get(key).decode()
        except NoSuchObjectError:
            raise ArchiveDamagedError(key, "is missing") from None


def within(ranges: Iterable[RangeManifest], since: datetime, until: datetime) -> list[RangeManifest]:
    """Return the ranges that hold an event between two moments, or may: the second is left out."""
    return [
        each
        for each in ranges
        if each.first_event and each.last_event and each.first_event < until and each.last_event >= since
    ]


def concerns_all(changed: Iterable[LakeObject]) -> bool:
    """Return whether ranges beyond those that were looked at differ, too.

    Sessions are told across ranges, and taken back as they were told: those of all ranges follow one code.
    """
    return any(each.dataset in _CARRIED for each in changed)


def archived(objects: Objects, manifest: RangeManifest) -> pa.Table:
    """Return the events of a range.

    Raises:
        NoSuchObjectError: An object of them is missing.
        ArchiveDamagedError: One is not what the manifest says.
    """
    tables = [parquet.read_table(io.BytesIO(each)) for each in _whole(objects, manifest)]
    return pa.concat_tables([FLIGHTS.schema.empty_table(), *tables]).combine_chunks()


def _whole(objects: Objects, manifest: RangeManifest) -> Iterator[bytes]:
    for each in manifest.objects:
        if each.dataset == "events":
            data = objects.get(each.key)
            if hashlib.sha256(data).hexdigest() != each.digest:
                raise ArchiveDamagedError(each.key, "is not what was written: its SHA-256 differs")
            yield data
