"""The driver: it cuts a stream into bounded runs, plan, run, commit, shard by shard.

No runner that pip installs fires windows while an unbounded source still runs, hence bounded runs of our own
cut, as in Spark's Structured Streaming.
"""

from collections.abc import Callable, Sequence
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
from pipelines.kinesis.source import Source
from runtime.clock import Clock
from runtime.objects import NoSuchObjectError, Objects

Build = Callable[[Any, Source, Objects], Any]
"""From a collection of plans to a pipeline that ends in their manifests."""

Step = Literal["planned", "ran", "committed"]
Observe = Callable[[Step, ShardRange], None]
"""Told of each step of a range as it is done."""

BUFFERED_BYTES = 2 * MOST_BYTES
"""Events that are read ahead of a shard at most."""


type _Ends = tuple[tuple[str, int], ...]
"""Shards, and the last sequence number that was committed of each: what a child's state comes from."""


@dataclass(slots=True)
class _Shard:
    claim: Claim
    buffer: ShardBuffer
    parents: _Ends
    hash_keys: range
    taken_bytes: int = 0
    arrived_at: float | None = None


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


class Driver:
    """One stream, driven from its checkpoints.

    **Parallelism**: shards are planned and committed on their own, and run together. **Delivery**: exactly
    once an object: names derive from the range, a plan is adopted by whoever finds it, state is carried.
    **Order**: per shard, and a child begins when all of its parents are committed to their ends. **On
    failure**: start it again; what was planned is run again under the same names.
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
    ) -> None:
        """Claim every shard of the stream that may begin, and start to read ahead.

        Raises:
            StreamBegunError: The stream began elsewhere than at `start`.
        """
        self._source = source
        self._runs = Runs(lambda plans: build(plans, source, objects))
        self._objects = objects
        self._checkpoints = checkpoints
        self._clock = clock
        self._observe = observe
        self._stream = source.identity()
        self._shards: dict[str, _Shard] = {}
        self._drained: dict[str, _Drained] = {}
        self._pace = Pace()
        self._start = checkpoints.begin(self._stream, start or FROM_THE_START)
        if start and not start.is_kept_by(self._start):
            raise StreamBegunError(self.stream_name, self._start)
        self.times = StepTimes()
        """Of the last step that had something to do."""
        self._discover()

    @property
    def stream_name(self) -> str:
        """The stream's name."""
        return self._stream.name

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
        started = self._clock.monotonic()
        plans = [plan for shard_id in self._shards if (plan := self._plan(shard_id))]
        manifests: list[RangeManifest] = []
        if plans:
            planned = self._clock.monotonic()
            taken = sum(self._shards[plan.shard_range.shard_id].taken_bytes for plan in plans)
            self._run(plans)
            ran = self._clock.monotonic()
            manifests = [self._commit(plan) for plan in plans]
            self.times = StepTimes(planned - started, ran - planned, self._clock.monotonic() - ran)
            self._pace.ran(taken, self.times.run)
        self._drain()
        return manifests

    def millis_behind(self) -> dict[str, int]:
        """Return how far behind its tip each shard was read, in milliseconds."""
        return {shard_id: shard.buffer.millis_behind for shard_id, shard in self._shards.items()}

    def buffered(self) -> dict[str, int]:
        """Return how many records are read ahead of each shard."""
        return {shard_id: shard.buffer.records for shard_id, shard in self._shards.items()}

    def arrived_at(self, shard_id: str) -> float | None:
        """Return when the newest record of a shard's last batch arrived, in seconds since 1970, if known."""
        shard = self._shards.get(shard_id)
        return shard.arrived_at if shard else None

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
            self._shards[each.shard_id] = _Shard(claim, buffer, parents, each.hash_keys)

    def _drain(self) -> None:
        """Let go of shards that have ended and are committed, so that their children begin."""
        ended = [shard_id for shard_id, shard in self._shards.items() if shard.buffer.is_drained]
        for shard_id in ended:
            claim = self._shards[shard_id].claim
            self._checkpoints.drain(self._stream, shard_id, claim)
            shard = self._shards.pop(shard_id)
            shard.buffer.close()
            self._drained[shard_id] = _drained(shard_id, claim.after, shard.parents)
        if ended:
            self._discover()

    def _plan(self, shard_id: str) -> RangePlan | None:
        shard = self._shards[shard_id]
        records, weight = shard.buffer.take(self._pace.most_bytes(len(self._shards)))
        if not records:
            return None
        after = shard.claim.after
        parents = shard.parents if after.sequence_number is None else ()
        cut = ShardRange(self._stream, shard_id, after, records.last)
        mine = RangePlan(cut, len(records), self._clock.now(), parents, shard.hash_keys)
        plan = write_or_adopt(self._objects, mine)
        if (plan.shard_range, plan.count) == (cut, len(records)):
            cache.keep(cut, records)
            shard.taken_bytes, shard.arrived_at = weight, records.received[-1]
        else:
            # Someone planned otherwise from here; what was read ahead is not what the plan counted.
            shard.taken_bytes, shard.arrived_at = 0, None
            shard.buffer.close()
            behind = ResumeAfter(plan.shard_range.last)
            shard.buffer = ShardBuffer(self._source, shard_id, behind, BUFFERED_BYTES)
        self._observe("planned", plan.shard_range)
        return plan

    def _run(self, plans: Sequence[RangePlan]) -> None:
        self._runs.run([plan.to_json() for plan in plans])
        for plan in plans:
            self._observe("ran", plan.shard_range)

    def _commit(self, plan: RangePlan) -> RangeManifest:
        shard_range = plan.shard_range
        manifest = RangeManifest.from_json(self._objects.get(manifest_key(shard_range)))
        shard = self._shards[shard_range.shard_id]
        self._checkpoints.commit(shard_range, shard.claim.epoch)
        shard.claim = replace(shard.claim, after=ResumeAfter(shard_range.last))
        cache.forget(shard_range)
        self._observe("committed", shard_range)
        return manifest


def _drained(shard_id: str, after: ResumeAfter, parents: _Ends) -> _Drained:
    """Return what a drained shard hands on: its own state, or its parents' where it never had a record."""
    last = after.sequence_number
    return _Drained(after, parents if last is None else ((shard_id, last),))
