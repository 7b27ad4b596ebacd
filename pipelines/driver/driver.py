"""The driver: it cuts a stream into bounded runs, plan, run, commit, shard by shard.

No runner that pip installs fires windows while an unbounded source still runs, hence bounded runs of our own
cut, as in Spark's Structured Streaming.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import apache_beam as beam
import orjson
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner

from contracts.lake import manifest_key, replay_end_key
from contracts.manifest import RangeManifest
from contracts.positions import ResumeAfter, ShardRange
from pipelines.driver.checkpoints import Checkpoints
from pipelines.driver.plan import RangePlan, write_or_adopt
from pipelines.kinesis import cache
from pipelines.kinesis.prefetch import ShardBuffer
from pipelines.kinesis.source import LARGEST_READ, Source
from runtime.clock import Clock
from runtime.objects import NoSuchObjectError, Objects

Build = Callable[[Any, Source, Objects], Any]
"""From a collection of plans to a pipeline that ends in their manifests."""

Step = Literal["planned", "ran", "committed"]
Observe = Callable[[Step, ShardRange], None]
"""Told of each step of a range as it is done."""

BUFFERED_RECORDS = 2 * LARGEST_READ
"""Records that are read ahead of a shard at most."""


@dataclass(slots=True)
class _Shard:
    after: ResumeAfter
    epoch: int
    buffer: ShardBuffer


class Driver:
    """One stream, driven from its checkpoints.

    **Parallelism**: shards are planned and committed on their own, and run together. **Delivery**: exactly
    once an object: names derive from the range, a plan is adopted by whoever finds it, state is carried.
    **Order**: per shard. **On failure**: start it again; what was planned is run again under the same names.
    """

    def __init__(  # noqa: PLR0913  # the composition root hands over each of its parts by name
        self,
        *,
        source: Source,
        build: Build,
        objects: Objects,
        checkpoints: Checkpoints,
        clock: Clock,
        observe: Observe = lambda _step, _range: None,
    ) -> None:
        """Claim every shard of the stream, and start to read ahead."""
        self._source = source
        self._build = build
        self._objects = objects
        self._checkpoints = checkpoints
        self._clock = clock
        self._observe = observe
        self._stream = source.identity()
        self._shards = {shard_id: self._claim(shard_id) for shard_id in source.shards()}

    def close(self) -> None:
        """Stop reading ahead."""
        for shard in self._shards.values():
            shard.buffer.close()

    def step(self) -> list[RangeManifest]:
        """Plan what is there, run it, commit it; return its manifests, none when nothing was there.

        Raises:
            ShardLostError: Another driver claimed a shard since.
            RangeLostError: Kinesis no longer has what was planned.
        """
        plans = [plan for shard_id in self._shards if (plan := self._plan(shard_id))]
        if not plans:
            return []
        self._run(plans)
        return [self._commit(plan) for plan in plans]

    def is_drained(self) -> bool:
        """Return whether a replay has said that it ended, and all that it sent is committed."""
        try:
            end = orjson.loads(self._objects.get(replay_end_key(self._stream)))
        except NoSuchObjectError:
            return False
        return all(
            (committed := self._shards[shard_id].after.sequence_number) is not None and committed >= int(last)
            for shard_id, last in end["last"].items()
        )

    def _claim(self, shard_id: str) -> _Shard:
        after, epoch = self._checkpoints.claim(self._stream, shard_id)
        return _Shard(after, epoch, ShardBuffer(self._source, shard_id, after, BUFFERED_RECORDS))

    def _plan(self, shard_id: str) -> RangePlan | None:
        shard = self._shards[shard_id]
        records = shard.buffer.take(LARGEST_READ)
        if not records:
            return None
        cut = ShardRange(self._stream, shard_id, shard.after, records.last)
        plan = write_or_adopt(self._objects, RangePlan(cut, len(records), self._clock.now()))
        if (plan.shard_range, plan.count) == (cut, len(records)):
            cache.keep(cut, records)
        else:
            # Someone planned otherwise from here; what was read ahead is not what the plan counted.
            shard.buffer.close()
            behind = ResumeAfter(plan.shard_range.last)
            shard.buffer = ShardBuffer(self._source, shard_id, behind, BUFFERED_RECORDS)
        self._observe("planned", plan.shard_range)
        return plan

    def _run(self, plans: Sequence[RangePlan]) -> None:
        try:
            with beam.Pipeline(runner=FnApiRunner()) as pipeline:
                created = pipeline | "Plans of this run" >> beam.Create([plan.to_json() for plan in plans])
                self._build(created, self._source, self._objects)
        except RuntimeError as wrapped:
            # Beam says where an error came from by a RuntimeError around it; callers want the error itself.
            raise (wrapped.__context__ or wrapped) from None
        for plan in plans:
            self._observe("ran", plan.shard_range)

    def _commit(self, plan: RangePlan) -> RangeManifest:
        shard_range = plan.shard_range
        manifest = RangeManifest.from_json(self._objects.get(manifest_key(shard_range)))
        shard = self._shards[shard_range.shard_id]
        self._checkpoints.commit(shard_range, shard.epoch)
        shard.after = ResumeAfter(shard_range.last)
        cache.forget(shard_range)
        self._observe("committed", shard_range)
        return manifest
