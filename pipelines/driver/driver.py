"""The driver: it cuts a stream into bounded runs, plan, run, commit, shard by shard.

No runner that pip installs fires windows while an unbounded source still runs, hence bounded runs of our own
cut, as in Spark's Structured Streaming.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson

from contracts.lake import manifest_key, replay_end_key
from contracts.manifest import RangeManifest
from contracts.positions import ResumeAfter, ShardRange
from pipelines.driver.checkpoints import Checkpoints, Claim
from pipelines.driver.pace import MOST_BYTES, Pace
from pipelines.driver.plan import RangePlan, write_or_adopt
from pipelines.driver.runs import Runs
from pipelines.driver.start import FROM_THE_START, Start, StreamBegunError
from pipelines.kinesis import cache
from pipelines.kinesis.prefetch import ShardBuffer
from pipelines.kinesis.source import Records, Source
from runtime.clock import Clock
from runtime.objects import NoSuchObjectError, Objects

Build = Callable[[Any, Source, Objects], Any]
"""From a collection of plans to a pipeline that ends in their manifests."""

Step = Literal["planned", "ran", "committed"]
Observe = Callable[[Step, ShardRange], None]
"""Told of each step of a range as it is done; of commits by a thread of their own."""

BUFFERED_BYTES = 2 * MOST_BYTES
"""Events that are read ahead of a shard at most."""

_PLANNERS = 8

type _Ends = tuple[tuple[str, int], ...]
"""Shards, and the last sequence number that was committed of each: what a child's state comes from."""


@dataclass(slots=True)
class _Shard:
    claim: Claim
    planned: ResumeAfter
    buffer: ShardBuffer
    parents: _Ends
    hash_keys: range
    taken_bytes: int = 0
    arrived_at: float | None = None

    @property
    def is_drained(self) -> bool:
        """Whether the shard has ended, and all of it is committed."""
        return self.buffer.is_drained and self.claim.after == self.planned


@dataclass(frozen=True, slots=True)
class _Drained:
    after: ResumeAfter
    ends: _Ends


@dataclass(frozen=True, slots=True)
class StepTimes:
    """How long the parts of a step took, in seconds."""

    plan: float = 0.0
    run: float = 0.0
    commit: float = 0.0


@dataclass(frozen=True, slots=True)
class _Cut:
    """A range that we would read: its plan, its records and about how many bytes of events they hold."""

    plan: RangePlan
    records: Records
    weight: int


@dataclass(frozen=True, slots=True)
class _Batch:
    """What ran and is to be committed.

    Attributes:
        plans: One a shard.
        arrived_at: When the newest record of each arrived, by shard, in seconds since 1970, where known.
        times: Of its plan and its run.
    """

    plans: Sequence[RangePlan]
    arrived_at: dict[str, float]
    times: StepTimes


@dataclass(frozen=True, slots=True)
class Committed:
    """A range that is committed.

    Attributes:
        manifest: What became of it.
        times: Of the batch that it was part of.
        delay_seconds: From its newest arrival in Kinesis to its commit; None where nobody knows.
    """

    manifest: RangeManifest
    times: StepTimes
    delay_seconds: float | None


class Driver:
    """One stream, driven from its checkpoints.

    **Parallelism**: shards are planned and committed on their own, and run together; while a batch runs the
    one before is committed and the next is read. **Delivery**: exactly once an object: names derive from the
    range, a plan is adopted by whoever finds it, state is carried. **Order**: per shard, and a child begins
    when all of its parents are committed to their ends. **On failure**: start it again; what was planned is
    run again under the same names.
    """

    def __init__(  # noqa: PLR0913  # the composition root hands over each of its parts by name
        self,
        *,
        source: Source,
        build: Build,
        objects: Objects,
        checkpoints: Checkpoints,
        clock: Clock,
        start: Start | None = None,
        observe: Observe = lambda _step, _range: None,
        committer: Executor | None = None,
    ) -> None:
        """Claim every shard of the stream that may begin, and start to read ahead.

        A batch is committed by `committer`, a thread unless another is given.

        Raises:
            StreamBegunError: The stream began elsewhere than at `start`.
        """
        self._source = source
        self._runs = Runs(lambda plans: build(plans, source, objects))
        self._objects = objects
        self._checkpoints = checkpoints
        self._clock = clock
        self._observe = observe
        self._committer = committer or ThreadPoolExecutor(1, f"commit {source.name}")
        self._planners = ThreadPoolExecutor(_PLANNERS, f"plan {source.name}")
        self._committing: Future[list[Committed]] | None = None
        self._stream = source.identity()
        self._shards: dict[str, _Shard] = {}
        self._drained: dict[str, _Drained] = {}
        self._pace = Pace()
        self._start = checkpoints.begin(self._stream, start or FROM_THE_START)
        if start and not start.is_kept_by(self._start):
            raise StreamBegunError(self.stream_name, self._start)
        self._discover()

    @property
    def stream_name(self) -> str:
        """The stream's name."""
        return self._stream.name

    @property
    def waiting_bytes(self) -> int:
        """About how many bytes of events are read of the shard of which most are, and not taken."""
        return max((shard.buffer.waiting_bytes for shard in self._shards.values()), default=0)

    @property
    def is_idle(self) -> bool:
        """Whether the last step found nothing to run."""
        return self._committing is None

    def close(self) -> None:
        """Stop reading ahead; what is being committed is finished."""
        for shard in self._shards.values():
            shard.buffer.close()
        self._committer.shutdown()
        self._planners.shutdown()

    def step(self) -> list[Committed]:
        """Plan what is there, run it, begin to commit it; return what was committed since the last step.

        Raises:
            ShardLostError: Another driver claimed a shard since.
            RangeLostError: Kinesis no longer has what was planned.
        """
        batch = self._planned_and_run()
        committed = self.settle()
        if batch:
            self._committing = self._committer.submit(self._commit_all, batch)
        self._drain()
        return committed

    def settle(self) -> list[Committed]:
        """Wait until all that ran is committed, and return what was not returned yet.

        Raises:
            ShardLostError: Another driver claimed a shard since.
        """
        committing, self._committing = self._committing, None
        return committing.result() if committing else []

    def millis_behind(self) -> dict[str, int]:
        """Return how far behind its tip each shard was read, in milliseconds."""
        return {shard_id: shard.buffer.millis_behind for shard_id, shard in self._shards.items()}

    def buffered(self) -> dict[str, int]:
        """Return how many records are read ahead of each shard."""
        return {shard_id: shard.buffer.records for shard_id, shard in self._shards.items()}

    def is_drained(self) -> bool:
        """Return whether a replay has said that it ended, and all that it sent is committed."""
        try:
            end = orjson.loads(self._objects.get(replay_end_key(self._stream)))
        except NoSuchObjectError:
            return False
        stand = {shard_id: each.after for shard_id, each in self._drained.items()}
        stand |= {shard_id: shard.claim.after for shard_id, shard in self._shards.items()}
        return all(
            (committed := stand.get(shard_id, ResumeAfter()).sequence_number) is not None
            and committed >= int(last)
            for shard_id, last in end["last"].items()
        )

    def _discover(self) -> None:
        """Claim the shards that may begin: those without parents, and those whose parents are drained."""
        for each in self._source.shards():  # a child's identifier is above its parents'
            if each.shard_id in self._shards or each.shard_id in self._drained:
                continue
            if not all(parent in self._drained for parent in each.parents):
                continue
            claim = self._checkpoints.claim(self._stream, each.shard_id, self._start)
            parents = tuple(
                dict.fromkeys(end for parent in each.parents for end in self._drained[parent].ends)
            )
            if claim.is_drained:
                self._drained[each.shard_id] = _drained(each.shard_id, claim.after, parents)
                continue
            buffer = ShardBuffer(self._source, each.shard_id, claim.after, BUFFERED_BYTES)
            self._shards[each.shard_id] = _Shard(claim, claim.after, buffer, parents, each.hash_keys)

    def _drain(self) -> None:
        """Let go of shards that have ended and are committed, so that their children begin."""
        ended = [shard_id for shard_id, shard in self._shards.items() if shard.is_drained]
        for shard_id in ended:
            claim = self._shards[shard_id].claim
            self._checkpoints.drain(self._stream, shard_id, claim)
            shard = self._shards.pop(shard_id)
            shard.buffer.close()
            self._drained[shard_id] = _drained(shard_id, claim.after, shard.parents)
        if ended:
            self._discover()

    def _planned_and_run(self) -> _Batch | None:
        started = self._clock.monotonic()
        plans = self._plan()
        if not plans:
            return None
        planned = self._clock.monotonic()
        self._run(plans)
        times = StepTimes(planned - started, self._clock.monotonic() - planned)
        for plan in plans:
            cache.forget(plan.shard_range)
        shards = {plan.shard_range.shard_id: self._shards[plan.shard_range.shard_id] for plan in plans}
        self._pace.ran(sum(shard.taken_bytes for shard in shards.values()), times.run)
        arrived = {name: at for name, shard in shards.items() if (at := shard.arrived_at) is not None}
        return _Batch(plans, arrived, times)

    def _plan(self) -> list[RangePlan]:
        """Cut a range of each shard that has something to read, and write their plans side by side."""
        cuts = [cut for shard_id in self._shards if (cut := self._cut(shard_id))]
        plans = self._planners.map(lambda cut: write_or_adopt(self._objects, cut.plan), cuts)
        return [self._adopt(cut, plan) for cut, plan in zip(cuts, plans, strict=True)]

    def _cut(self, shard_id: str) -> _Cut | None:
        shard = self._shards[shard_id]
        most = self._pace.most_bytes(len(self._shards), shard.buffer.waiting_bytes)
        records, weight = shard.buffer.take(most)
        if not records:
            return None
        after = shard.planned
        parents = shard.parents if after.sequence_number is None else ()
        cut = ShardRange(self._stream, shard_id, after, records.last)
        plan = RangePlan(cut, len(records), self._clock.now(), parents, shard.hash_keys)
        return _Cut(plan, records, weight)

    def _adopt(self, cut: _Cut, plan: RangePlan) -> RangePlan:
        """Take the plan that holds, ours or an earlier one, and return it."""
        shard_range = plan.shard_range
        shard = self._shards[shard_range.shard_id]
        if (shard_range, plan.count) == (cut.plan.shard_range, cut.plan.count):
            cache.keep(shard_range, cut.records)
            shard.taken_bytes, shard.arrived_at = cut.weight, cut.records.received[-1]
        else:
            # Someone planned otherwise from here; what was read ahead is not what the plan counted.
            shard.taken_bytes, shard.arrived_at = 0, None
            shard.buffer.close()
            behind = ResumeAfter(shard_range.last)
            shard.buffer = ShardBuffer(self._source, shard_range.shard_id, behind, BUFFERED_BYTES)
        shard.planned = ResumeAfter(shard_range.last)
        self._observe("planned", shard_range)
        return plan

    def _run(self, plans: Sequence[RangePlan]) -> None:
        self._runs.run([plan.to_json() for plan in plans])
        for plan in plans:
            self._observe("ran", plan.shard_range)

    def _commit_all(self, batch: _Batch) -> list[Committed]:
        started = self._clock.monotonic()
        manifests = [self._commit(plan) for plan in batch.plans]
        times = replace(batch.times, commit=self._clock.monotonic() - started)
        now = self._clock.now().timestamp()
        delays = {shard_id: now - at for shard_id, at in batch.arrived_at.items()}
        return [Committed(each, times, delays.get(each.shard_range.shard_id)) for each in manifests]

    def _commit(self, plan: RangePlan) -> RangeManifest:
        shard_range = plan.shard_range
        manifest = RangeManifest.from_json(self._objects.get(manifest_key(shard_range)))
        shard = self._shards[shard_range.shard_id]
        self._checkpoints.commit(shard_range, shard.claim.epoch)
        shard.claim = replace(shard.claim, after=ResumeAfter(shard_range.last))
        self._observe("committed", shard_range)
        return manifest


def _drained(shard_id: str, after: ResumeAfter, parents: _Ends) -> _Drained:
    """Return what a drained shard hands on: its own state, or its parents' where it never had a record."""
    last = after.sequence_number
    return _Drained(after, parents if last is None else ((shard_id, last),))
