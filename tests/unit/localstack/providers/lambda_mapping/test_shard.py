"""Shards and their lanes: order by key, batches, back-pressure, and children after their parents."""

import threading
import time
import zlib
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from localstack.providers.lambda_mapping.delivery import Failed, Policy, Record
from localstack.providers.lambda_mapping.kept import Kept
from localstack.providers.lambda_mapping.lane import MOST_PAYLOAD_BYTES, Batching
from localstack.providers.lambda_mapping.mapping import Listed, Mapping
from localstack.providers.lambda_mapping.progress import Position, Progress
from localstack.providers.lambda_mapping.shard import MOST_UNDER_WAY, Page, Shard
from tests.support.waiting import until


def record(number: int, key: str = "k", size: int = 10) -> Record:
    """Return a record."""
    return Record(str(number), key, 0.0, size, {})


class Source:
    """A shard that gives its records by and by."""

    def __init__(self, records: Sequence[Record], *, ends: bool = True) -> None:
        """Give a hundred at a time."""
        self._left = list(records)
        self._ends = ends
        self.given = 0

    def read(self) -> Page:
        """See `Reader.read`."""
        some, self._left = self._left[:100], self._left[100:]
        self.given += len(some)
        return Page(some, self._ends and not self._left)


class Function:
    """A function that notes its batches."""

    def __init__(self, seconds: float = 0.0) -> None:
        """Take so long for a batch."""
        self._seconds = seconds
        self._lock = threading.Lock()
        self.batches: list[list[Record]] = []
        self.running = self.most_running = 0

    def __call__(self, batch: Sequence[Record], _fields: Any) -> tuple[Any, Failed | None]:
        """Take a batch."""
        with self._lock:
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        time.sleep(self._seconds)
        with self._lock:
            self.running -= 1
            self.batches.append(list(batch))
        return None, None


def shard(source: Source, call: Any, batching: Batching, begin: Position | None = None) -> Shard:
    """Return a shard's delivery."""
    return Shard(source, batching, Policy(), call=call, discard=lambda *_: None, now=time.time, begin=begin)


def drained(source: Source, function: Any, batching: Batching) -> Shard:
    """Deliver all of a source."""
    made = shard(source, function, batching)
    made.start()
    until(lambda: made.is_drained, 20)
    made.end()
    made.join()
    return made


def test_a_key_keeps_its_order_in_many_lanes() -> None:
    """And the lanes run at once."""
    records = [record(number, f"k{number % 37}") for number in range(1000)]
    function = Function(0.002)
    made = drained(Source(records), function, Batching(most_records=20, lanes=8))
    seen: dict[str, list[int]] = {}
    for batch in function.batches:
        for each in batch:
            seen.setdefault(each.key, []).append(int(each.number))
    assert all(numbers == sorted(numbers) for numbers in seen.values())
    assert sum(map(len, seen.values())) == 1000
    assert function.most_running > 1
    assert made.position() == Position("999")


def test_a_batch_has_its_size() -> None:
    """And never more than Lambda's payload takes."""
    function = Function()
    drained(Source([record(number) for number in range(250)]), function, Batching(most_records=100))
    assert max(map(len, function.batches)) <= 100
    function = Function()
    big = MOST_PAYLOAD_BYTES // 2 - 1
    drained(Source([record(number, size=big) for number in range(5)]), function, Batching(most_records=100))
    assert [len(batch) for batch in function.batches] == [2, 2, 1]


def test_a_window_fills_a_batch() -> None:
    """Records that come within it are delivered together."""

    class Dripping(Source):
        def read(self) -> Page:
            some, self._left = self._left[:1], self._left[1:]
            return Page(some, not self._left)

    function = Function()
    drained(Dripping([record(number) for number in range(20)]), function, Batching(100, window_seconds=0.5))
    assert len(function.batches) <= 2


def test_a_slow_function_slows_the_reading() -> None:
    """What is under way is bounded."""
    source = Source([record(number) for number in range(3 * MOST_UNDER_WAY)], ends=False)
    blocked = threading.Event()
    made = shard(source, lambda *_: (blocked.wait(20), None), Batching(most_records=10))
    made.start()
    until(lambda: source.given >= MOST_UNDER_WAY, 20)
    time.sleep(0.3)
    assert source.given <= MOST_UNDER_WAY + 100
    blocked.set()
    made.end()
    made.join()


@given(st.lists(st.integers(0, 29), max_size=60))
def test_a_checkpoint_is_never_ahead_of_what_is_done(order: list[int]) -> None:
    """Whatever the order of finishing."""
    progress = Progress(100)
    records = [record(number) for number in range(30)]
    progress.take(records)
    done: set[int] = set()
    for number in dict.fromkeys(order):
        progress.finish([records[number]])
        done.add(number)
        first_open = next((each for each in range(30) if each not in done), 30)
        assert progress.position().checkpoint == (str(first_open - 1) if first_open else None)


class Steps:
    """Shards that are drained when told so."""

    def __init__(self) -> None:
        """Start none."""
        self.started: list[tuple[str, Position]] = []
        self.drained: set[str] = set()

    def make(self, shard_id: str, begin: Position) -> Any:
        """Return a shard that only says whether it is drained."""
        self.started.append((shard_id, begin))
        steps = self

        class Fake:
            oldest = None

            def start(self) -> None:
                """Do nothing."""

            def end(self) -> None:
                """Do nothing either."""

            def join(self) -> None:
                """Nor here."""

            def position(self) -> Position:
                return Position("7")

            @property
            def is_drained(self) -> bool:
                return shard_id in steps.drained

        return Fake()


def test_a_child_begins_after_all_of_its_parents() -> None:
    """Of a split and of a merge; a parent that is no longer listed counts as drained."""
    steps = Steps()
    mapping = Mapping(steps.make, Kept(0.0))
    listed = [
        Listed("a", ("gone",)),
        Listed("b", ()),
        Listed("a1", ("a",)),
        Listed("merged", ("a1", "b")),
    ]
    mapping.step(listed)
    assert [each for each, _ in steps.started] == ["a", "b"]
    steps.drained |= {"a", "b"}
    mapping.step(listed)
    assert [each for each, _ in steps.started] == ["a", "b", "a1"]
    mapping.step(listed)
    assert len(steps.started) == 3
    steps.drained.add("a1")
    mapping.step(listed)
    assert [each for each, _ in steps.started][-1] == "merged"


def test_a_paused_mapping_goes_on_from_its_checkpoint() -> None:
    """Shard by shard."""
    steps = Steps()
    kept = Kept(0.0)
    mapping = Mapping(steps.make, kept)
    mapping.step([Listed("a", ())])
    mapping.stop()
    Mapping(steps.make, kept).step([Listed("a", ())])
    assert steps.started == [("a", Position()), ("a", Position("7"))]


def test_what_is_not_wanted_is_done_at_once() -> None:
    """It is not delivered, and the checkpoint goes past it."""
    unwanted = [Record(str(number), "k", 0.0, 1, {}, is_wanted=False) for number in range(5)]
    function = Function()
    made = drained(Source([record(-1), *unwanted]), function, Batching())
    assert sum(map(len, function.batches)) == 1
    assert made.position() == Position("4")


def test_what_was_done_beyond_the_checkpoint_is_not_delivered_again() -> None:
    """Other lanes were ahead of the one that a slow batch held back, and the mapping was paused."""
    records = [record(number, f"k{number % 7}") for number in range(70)]
    held = threading.Event()

    def slow(batch: Sequence[Record], fields: Any) -> tuple[Any, Failed | None]:
        if batch[0].key == "k0":
            held.wait(20)
            return None, Failed({})
        return first(batch, fields)

    first, second = Function(), Function()
    made = shard(Source(records, ends=False), slow, Batching(most_records=5, lanes=7))
    made.start()
    others = {key for key in (f"k{number}" for number in range(7)) if lane_of(key) != lane_of("k0")}
    expected = sum(each.key in others for each in records)
    until(lambda: sum(map(len, first.batches)) == expected, 20)
    made.end()
    held.set()
    made.join()
    begin = made.position()
    assert begin.checkpoint is None
    assert len(begin.done) == expected
    again = shard(Source(records), second, Batching(most_records=5, lanes=3), begin)
    again.start()
    until(lambda: again.is_drained, 20)
    again.end()
    again.join()
    assert {each.key for batch in second.batches for each in batch} & others == set()
    assert sum(map(len, second.batches)) == len(records) - expected


def lane_of(key: str) -> int:
    """Return which of seven lanes a key has."""
    return zlib.crc32(key.encode()) % 7
