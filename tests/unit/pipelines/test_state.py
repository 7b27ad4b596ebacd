"""What a shard remembers: within the horizon all, and of the last events all, however old they are."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.positions import ResumeAfter, ShardRange, StreamIdentity
from pipelines import state
from pipelines.driver.plan import RangePlan
from pipelines.state import HORIZON, MOST_PIECES, OUT_OF_ORDERNESS, ShardState
from runtime.objects import MemoryObjects

_NAMES = count()
STREAM = StreamIdentity("arn:aws:kinesis:us-east-1:0:stream/s", 1)
JUNE = int(datetime(2013, 6, 1, tzinfo=UTC).timestamp())
FEBRUARY = int(datetime(2013, 2, 8, tzinfo=UTC).timestamp())


class Shard:
    """A shard whose ranges are run one after another, by one process or by ever new ones."""

    def __init__(self, *, is_kept: bool = False, shard_id: str = "shardId-0") -> None:
        """Begin at the shard's start."""
        self.objects = MemoryObjects(f"state-{next(_NAMES)}")
        self.shard_id = shard_id
        self.last = 0
        self._is_kept = is_kept

    def run(self, *events: tuple[str, int]) -> list[bool]:
        """Run a range, and return which events were new."""
        after = ResumeAfter(self.last or None)
        self.last += 1
        shard_range = ShardRange(STREAM, self.shard_id, after, self.last)
        plan = RangePlan(shard_range, len(events), datetime.now(UTC))
        found = state.take(self.objects, plan)
        answers = found.are_new([name for name, _ in events], [at for _, at in events])
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
    kept, read = Shard(is_kept=True, shard_id=f"kept-{next(_NAMES)}"), Shard()
    for numbers in ranges:
        events = [(str(number), JUNE + number) for number in numbers]
        assert kept.run(*events) == read.run(*events)
    written = [
        [shard.objects.get(key) for key in sorted(shard.objects.keys("state/"))] for shard in (kept, read)
    ]
    assert written[0] == written[1]


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


def test_a_child_knows_what_its_parents_saw() -> None:
    """Of a merge, both."""
    first, second = Shard(shard_id="shardId-1"), Shard(shard_id="shardId-2")
    second.objects = first.objects
    first.run(("a", JUNE))
    first.run(("b", JUNE))
    second.run(("c", JUNE + 5))
    parents = ((first.shard_id, first.last), (second.shard_id, second.last))
    shard_range = ShardRange(STREAM, "shardId-3", ResumeAfter(), 9)
    child = state.take(first.objects, RangePlan(shard_range, 1, datetime.now(UTC), parents))
    assert child.are_new(["a", "b", "c", "d"], [JUNE] * 4) == [False, False, False, True]
    first.objects.put(*child.to_object(shard_range))
    assert list(ShardState.load(first.objects, STREAM, "shardId-3", 9).seen) == ["a", "b", "c", "d"]
