"""What a shard remembers: within the horizon all, and of the last events all, however old they are."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import compress, count
from types import MappingProxyType

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.positions import HASH_KEYS, ResumeAfter, ShardRange, StreamIdentity, hash_key
from pipelines import state
from pipelines.driver.plan import RangePlan
from pipelines.legs import LEGS
from pipelines.state import HORIZON, MOST_PIECES, OUT_OF_ORDERNESS, ShardState
from runtime.objects import MemoryObjects

_NAMES = count()
STREAM = StreamIdentity("arn:aws:kinesis:us-east-1:0:stream/s", 1)
JUNE = int(datetime(2013, 6, 1, tzinfo=UTC).timestamp())
NOW = datetime(2013, 6, 2, tzinfo=UTC)
FEBRUARY = int(datetime(2013, 2, 8, tzinfo=UTC).timestamp())
NO_TAILS: Mapping[str, str] = MappingProxyType({})
HOUR = 3600


def legs(rows: Iterable[tuple[str, int, str]]) -> pa.Table:
    """Return legs by event, time and aircraft."""
    columns = ("event_id", "event_time", "tail_number", "origin", "destination", "delay_minutes")
    return pa.Table.from_pylist(
        [dict(zip(columns, (*row, "EWR", "IAH", 5), strict=True)) for row in rows], LEGS
    )


class Shard:
    """A shard whose ranges are run one after another, by one process or by ever new ones."""

    def __init__(self, *, is_kept: bool = False, shard_id: str = "shardId-0") -> None:
        """Begin at the shard's start."""
        self.objects = MemoryObjects(f"state-{next(_NAMES)}")
        self.shard_id = shard_id
        self.last = 0
        self.hash_keys = HASH_KEYS
        self._is_kept = is_kept

    def run(self, *events: tuple[str, int], tails: Mapping[str, str] = NO_TAILS) -> list[bool]:
        """Run a range, and return which events were new; new ones with a tail are legs."""
        after = ResumeAfter(self.last or None)
        self.last += 1
        shard_range = ShardRange(STREAM, self.shard_id, after, self.last)
        plan = RangePlan(shard_range, len(events), NOW, hash_keys=self.hash_keys)
        found = state.take(self.objects, plan)
        answers = found.are_new([name for name, _ in events], [at for _, at in events], NOW)
        found.fresh_legs = legs(
            [(*each, tails[each[0]]) for each in dict.fromkeys(compress(events, answers)) if each[0] in tails]
        )
        self.objects.put(*found.to_object(shard_range))
        if self._is_kept:
            state.keep(shard_range, found)
        return answers

    def load(self) -> ShardState:
        """Read what stands behind the last range."""
        return ShardState.load(self.objects, STREAM, self.shard_id, self.last)


def test_an_event_is_new_once() -> None:
    """In its range, and in every range that follows."""
    shard = Shard()
    assert shard.run(("a", JUNE), ("b", JUNE), ("a", JUNE)) == [True, True, False]
    assert shard.run(("b", JUNE), ("c", JUNE - 9)) == [False, True]
    assert shard.run() == []
    assert shard.run(("c", JUNE), ("a", JUNE)) == [False, False]
    end = datetime.fromtimestamp(JUNE, UTC)
    assert shard.load().watermark() == end - OUT_OF_ORDERNESS
    assert ShardState().watermark() is None


@given(st.lists(st.lists(st.integers(0, 30), max_size=6), max_size=20))
def test_a_state_that_is_kept_is_one_that_is_read(ranges: list[list[int]]) -> None:
    """The same answers, and the same bytes under the same names."""
    tails = {str(number): f"N{number % 4}" for number in range(0, 31, 2)}
    kept, read = Shard(is_kept=True, shard_id=f"kept-{next(_NAMES)}"), Shard()
    for numbers in ranges:
        events = [(str(number), JUNE + number) for number in numbers]
        assert kept.run(*events, tails=tails) == read.run(*events, tails=tails)
    written = [
        [shard.objects.get(key) for key in sorted(shard.objects.keys("state/"))] for shard in (kept, read)
    ]
    assert written[0] == written[1]
    if ranges:
        new = dict.fromkeys(str(number) for numbers in ranges for number in numbers)
        wanted = legs((name, JUNE + int(name), tails[name]) for name in new if name in tails)
        assert read.load().legs.equals(wanted)


def test_a_range_writes_what_it_saw_itself() -> None:
    """And all only when that has doubled, or a restart would read too much."""
    shard = Shard()
    shard.run(*((str(number), JUNE) for number in range(10_000)))
    whole = sum(len(shard.objects.get(key)) for key in shard.objects.keys(""))
    for number in range(MOST_PIECES - 1):
        shard.run((f"new {number}", JUNE))
    assert shard.load().pieces == MOST_PIECES
    pieces = sum(len(shard.objects.get(key)) for key in shard.objects.keys("")) - whole
    assert pieces / (MOST_PIECES - 1) < whole / 5
    shard.run()
    assert (shard.load().pieces, len(shard.load().seen)) == (1, 10_000 + MOST_PIECES - 1)


def test_older_days_after_newer_ones_are_remembered() -> None:
    """A replay of February behind one of June: a copy in the next range is still a copy."""
    shard = Shard()
    shard.run(("june", JUNE), ("february", FEBRUARY))
    assert shard.run(("february", FEBRUARY)) == [False]


def test_what_is_old_and_long_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the state would grow for ever."""
    monkeypatch.setattr(state, "RECENT_EVENTS", 1)
    edge = JUNE - int(HORIZON / timedelta(seconds=1))
    shard = Shard()
    shard.run(("old", edge - 1), ("edge", edge), ("june", JUNE))
    assert list(shard.load().seen) == ["edge", "june"]


@pytest.mark.parametrize("ahead", [timedelta(days=2), timedelta(days=9_999)])
def test_an_event_from_the_future_moves_nothing(monkeypatch: pytest.MonkeyPatch, ahead: timedelta) -> None:
    """Neither the watermark nor the horizon, in this range or a later one; and it is known as others are."""
    monkeypatch.setattr(state, "RECENT_EVENTS", 1)
    future = JUNE + int(ahead.total_seconds())
    shard = Shard()
    shard.run(("june", JUNE), ("future", future))
    assert shard.load().watermark() == datetime.fromtimestamp(JUNE, UTC) - OUT_OF_ORDERNESS
    assert shard.run(("future", future), ("june", JUNE), ("may", JUNE - 9 * HOUR)) == [False, False, True]
    for number in range(MOST_PIECES):
        shard.run((f"{number}", JUNE))
    assert shard.run(("may", JUNE - 9 * HOUR), ("june", JUNE)) == [False, False]
    is_forgotten = ahead > HORIZON
    assert shard.run(("future", future)) == [is_forgotten]


def test_sessions_are_forgotten_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that a leg within the horizon belongs to is kept from its first: a part was never told."""
    monkeypatch.setattr(state, "RECENT_EVENTS", 0)
    edge = JUNE - int(HORIZON / timedelta(seconds=1))
    shard = Shard()
    events = [("a", edge - 9 * HOUR), ("b", edge), ("c", edge - 9 * HOUR), ("d", edge - 5), ("june", JUNE)]
    shard.run(*events, tails={"a": "N1", "b": "N1", "c": "N2", "d": "N2"})
    found = shard.load()
    assert sorted(found.seen) == ["a", "b", "june"]
    assert sorted(found.legs["event_id"].to_pylist()) == ["a", "b"]


def test_the_children_of_a_split_share_its_aircraft() -> None:
    """Each goes on with the sessions of its own keys, so that none is told twice; both know all events."""
    parent = Shard(shard_id="shardId-1")
    tails = {str(number): f"N{number}" for number in range(20)}
    parent.run(*((name, JUNE) for name in tails), tails=tails)
    halves = range(2**127), range(2**127, 2**128)
    children = [child(parent, half, [parent]) for half in halves]
    assert [len(each.seen) for each in children] == [20, 20]
    own = [set(each.legs["tail_number"].to_pylist()) for each in children]
    assert own == [{tail for tail in tails.values() if hash_key(tail) in half} for half in halves]
    assert all(own)


def test_a_leg_that_came_by_another_s_key_stays_a_session_apart() -> None:
    """As it was told: the child of a merge does not take it for a part of what another shard told."""
    low, high = Shard(shard_id="shardId-1"), Shard(shard_id="shardId-2")
    high.objects = low.objects
    low.hash_keys, high.hash_keys = range(2**127), range(2**127, 2**128)
    tail = next(tail for number in count() if hash_key(tail := f"N{number}") in high.hash_keys)
    high.run(("a", JUNE), ("b", JUNE + HOUR), tails={"a": tail, "b": tail})
    low.run(("astray", JUNE + 2 * HOUR), ("b", JUNE + HOUR), tails={"astray": tail, "b": tail})
    merged = child(low, HASH_KEYS, [low, high])
    assert sorted(merged.seen) == ["a", "astray", "b"]
    assert merged.legs["event_id"].to_pylist() == ["a", "b"]


def test_a_leg_that_two_parents_know_is_one() -> None:
    """Where a child ended without a record, its parent's state stands beside its sibling's."""
    parent, sibling = Shard(shard_id="shardId-1"), Shard(shard_id="shardId-3")
    parent.run(("a", JUNE), tails={"a": "N1"})
    sibling.objects = parent.objects
    sibling.run(("a", JUNE), ("b", JUNE), tails={"a": "N1", "b": "N1"})
    assert child(parent, HASH_KEYS, [parent, sibling]).legs["event_id"].to_pylist() == ["a", "b"]


def child(parent: Shard, hash_keys: range, parents: Iterable[Shard]) -> ShardState:
    """Return what a child begins with, beside its parent in the lake."""
    shard_range = ShardRange(STREAM, f"shardId-{next(_NAMES)}", ResumeAfter(), 9)
    ends = tuple((each.shard_id, each.last) for each in parents)
    return state.take(parent.objects, RangePlan(shard_range, 1, NOW, ends, hash_keys))


def test_a_child_knows_what_its_parents_saw() -> None:
    """Of a merge, both."""
    first, second = Shard(shard_id="shardId-1"), Shard(shard_id="shardId-2")
    second.objects = first.objects
    first.run(("a", JUNE))
    first.run(("b", JUNE))
    second.run(("c", JUNE + 5))
    parents = ((first.shard_id, first.last), (second.shard_id, second.last))
    shard_range = ShardRange(STREAM, "shardId-3", ResumeAfter(), 9)
    child = state.take(first.objects, RangePlan(shard_range, 1, NOW, parents))
    assert child.are_new(["a", "b", "c", "d"], [JUNE] * 4, NOW) == [False, False, False, True]
    first.objects.put(*child.to_object(shard_range))
    assert list(ShardState.load(first.objects, STREAM, "shardId-3", 9).seen) == ["a", "b", "c", "d"]
