"""One suite for both sources: Kinesis, really asked, and its twin in memory are read alike."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from time import time
from typing import TYPE_CHECKING

import pytest

from contracts.positions import HASH_KEYS, ResumeAfter
from pipelines.kinesis.memory import MemorySource
from pipelines.kinesis.source import KinesisSource, Reading, Shard, Source
from tests.support.functions import client
from tests.support.waiting import until

if TYPE_CHECKING:
    from runtime.settings import Settings

pytestmark = pytest.mark.timeout(180)
FIRST, SECOND, THIRD, FOURTH = (f"shardId-{number:012}" for number in range(4))


@dataclass
class Stream:
    """A stream of one shard, and what is done to it."""

    source: Source
    put: Callable[[bytes], str]
    split: Callable[[str], object]
    merge: Callable[[str, str], object]


@pytest.fixture(params=["memory", "kinesis"])
def stream(request: pytest.FixtureRequest) -> Stream:
    """Give an empty stream of each kind."""
    if request.param == "memory":
        memory = MemorySource(f"source-{request.node.name}")
        return Stream(memory, lambda data: memory.put(data, "k", time()), memory.split, memory.merge)
    world: Settings = request.getfixturevalue("world")
    kinesis = client(world, "kinesis")
    kinesis.create_stream(StreamName="read", ShardCount=1)

    def put(data: bytes) -> str:
        return str(kinesis.put_record(StreamName="read", PartitionKey="k", Data=data)["SequenceNumber"])

    def split(shard_id: str) -> object:
        return kinesis.split_shard(StreamName="read", ShardToSplit=shard_id, NewStartingHashKey=str(2**127))

    def merge(shard_id: str, other_id: str) -> object:
        return kinesis.merge_shards(StreamName="read", ShardToMerge=shard_id, AdjacentShardToMerge=other_id)

    return Stream(KinesisSource(world, "read"), put, split, merge)


def read(stream: Stream, shard_id: str = FIRST, after: ResumeAfter | None = None) -> Reading:
    """Read once behind a position, the start where none is given."""
    return stream.source.read(shard_id, after or ResumeAfter())


def test_records_are_read_in_order_from_any_position(stream: Stream) -> None:
    """With their numbers and bytes; as often as asked."""
    numbers = [stream.put(str(number).encode()) for number in range(5)]
    for _ in range(2):
        reading = read(stream)
        assert list(reading.records.sequence_numbers) == numbers
        assert list(reading.records.data) == [b"0", b"1", b"2", b"3", b"4"]
        assert (reading.millis_behind, reading.is_end) == (0, False)
    behind = read(stream, after=ResumeAfter(int(numbers[2]))).records
    assert list(behind.sequence_numbers) == numbers[3:]
    assert behind.last == int(numbers[-1])


def test_what_comes_later_is_read_behind_what_was(stream: Stream) -> None:
    """Nothing at the tip, then what came."""
    first = stream.put(b"first")
    tip = ResumeAfter(int(first))
    assert not read(stream, after=tip).records
    second = stream.put(b"second")
    assert list(read(stream, after=tip).records.sequence_numbers) == [second]


def test_a_read_that_leaves_records_is_behind(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that whoever reads ahead waits at the tip, and only there."""
    for module in ("source", "memory"):
        monkeypatch.setattr(f"pipelines.kinesis.{module}.LARGEST_READ", 2)
    for number in range(3):
        stream.put(str(number).encode())
    arrived = read(stream).records.received[0]
    until(lambda: time() > arrived + 0.01, 30)
    reading = read(stream)
    assert (len(reading.records), reading.millis_behind > 0) == (2, True)
    reading = read(stream, after=ResumeAfter(reading.records.last))
    assert (len(reading.records), reading.millis_behind) == (1, 0)


def test_reading_begins_at_a_moment(stream: Stream) -> None:
    """With the first record that arrived then or later; at its shard's start where all came later."""
    early = stream.put(b"early")
    arrived = read(stream).records.received[0]
    until(lambda: time() > arrived + 0.01, 30)
    late = stream.put(b"late")
    since = ResumeAfter(since=int(read(stream).records.received[1] * 1000))
    assert list(read(stream, after=since).records.sequence_numbers) == [late]
    before = ResumeAfter(since=int(arrived * 1000) - 1000)
    assert list(read(stream, after=before).records.sequence_numbers) == [early, late]


def test_a_split_shard_ends_and_names_its_children(stream: Stream) -> None:
    """Its end is told with its last records, and to whoever reads behind them."""
    last = stream.put(b"parent")
    stream.split(FIRST)
    until(lambda: len(stream.source.shards()) == 3, 30)
    assert stream.source.shards() == [
        Shard(FIRST, HASH_KEYS),
        Shard(SECOND, range(2**127), (FIRST,)),
        Shard(THIRD, range(2**127, 2**128), (FIRST,)),
    ]
    stream.put(b"child")
    reading = read(stream)
    assert list(reading.records.data) == [b"parent"]
    behind = read(stream, after=ResumeAfter(int(last)))
    assert (list(behind.records.data), behind.is_end) == ([], True)
    found = [data for child in (SECOND, THIRD) for data in read(stream, child).records.data]
    assert found == [b"child"]


def test_merged_shards_have_one_child(stream: Stream) -> None:
    """Which names both; shards without a record end, too."""
    stream.split(FIRST)
    until(lambda: len(stream.source.shards()) == 3, 30)
    stream.merge(SECOND, THIRD)
    until(lambda: len(stream.source.shards()) == 4, 30)
    assert stream.source.shards()[-1] == Shard(FOURTH, HASH_KEYS, (SECOND, THIRD))
    assert [read(stream, each).is_end for each in (FIRST, SECOND, THIRD, FOURTH)] == [True] * 3 + [False]


def test_a_source_travels(stream: Stream) -> None:
    """As Beam carries it to a worker: it reads the same stream there."""
    number = stream.put(b"here")
    twin: Source = pickle.loads(pickle.dumps(stream.source))  # noqa: S301  # our own bytes
    assert twin.identity() == stream.source.identity()
    assert list(twin.read(FIRST, ResumeAfter()).records.sequence_numbers) == [number]
