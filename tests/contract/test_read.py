"""The Beam source on its own, of Kinesis and of its twin: every record once, wherever one begins."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import sleep, time
from typing import TYPE_CHECKING, Any

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to

from contracts.batches import Packing, pack
from contracts.positions import ResumeAfter, ShardRange
from pipelines.kinesis.memory import MemorySource
from pipelines.kinesis.read import KinesisRecord, RangeLostError, ReadAllFromKinesis, ReadFromKinesis
from pipelines.kinesis.source import KinesisSource, Source
from tests.support.functions import client
from tests.support.waiting import until

if TYPE_CHECKING:
    from runtime.settings import Settings

pytestmark = pytest.mark.timeout(180)
FIRST = "shardId-000000000000"


@dataclass
class Stream:
    """A stream of one shard, and what is done to it."""

    source: Source
    put: Callable[[bytes], str]
    split: Callable[[], object]


@pytest.fixture(params=["memory", "kinesis"])
def stream(request: pytest.FixtureRequest) -> Stream:
    """Give an empty stream of each kind."""
    if request.param == "memory":
        memory = MemorySource(f"read-{request.node.name}")
        return Stream(memory, lambda data: memory.put(data, "k", time()), lambda: memory.split(FIRST))
    world: Settings = request.getfixturevalue("world")
    kinesis = client(world, "kinesis")
    kinesis.create_stream(StreamName="read", ShardCount=1)

    def put(data: bytes) -> str:
        return str(kinesis.put_record(StreamName="read", PartitionKey="k", Data=data)["SequenceNumber"])

    def split() -> None:
        kinesis.split_shard(StreamName="read", ShardToSplit=FIRST, NewStartingHashKey=str(2**127))
        until(
            lambda: (
                kinesis.describe_stream(StreamName="read")["StreamDescription"]["StreamStatus"] == "ACTIVE"
            )
        )

    return Stream(KinesisSource(world, "read"), put, split)


def assert_read(read: Any, expected: list[Any], change: Callable[[Any], Any]) -> None:
    """Run a pipeline of this root, and compare what comes of it."""
    with beam.Pipeline() as pipeline:
        assert_that(pipeline | read | beam.Map(change), equal_to(expected))


def test_a_stream_is_read_through_a_split(stream: Stream) -> None:
    """Its closed shard and its children, each record once."""
    for number in range(3):
        stream.put(b"%d" % number)
    stream.split()
    for number in range(3, 6):
        stream.put(b"%d" % number)
    assert_read(
        ReadFromKinesis(stream.source), [b"%d" % number for number in range(6)], lambda each: each.data
    )


def test_reading_begins_at_a_position(stream: Stream) -> None:
    """At the first that arrived at a moment or later; a record knows where it stands and when it came."""
    stream.put(b"before")
    sleep(0.05)
    since = int(time() * 1000)
    number = stream.put(b"after")

    def read() -> ReadFromKinesis:
        return ReadFromKinesis(stream.source, ResumeAfter(since=since))

    assert_read(
        read(), [(FIRST, number, b"after")], lambda each: (each.shard_id, each.sequence_number, each.data)
    )
    assert_read(read(), [True], lambda each: abs((datetime.now(UTC) - each.received_at).total_seconds()) < 60)
    assert_read(ReadFromKinesis(stream.source, ResumeAfter(int(number))), [], lambda each: each)


@pytest.mark.parametrize("packing", ["plain", "zstd", "gzip", "kpl"])
def test_events_have_their_place_in_a_record(stream: Stream, packing: Packing) -> None:
    """However they were packed; the place is the sub-sequence number."""
    events = [b'{"n":%d}' % number for number in range(3)]
    for data in events if packing == "plain" else [pack(events, packing)]:
        stream.put(data)

    def placed(record: KinesisRecord) -> list[tuple[int, bytes]]:
        return list(enumerate(record.events()))

    whole = [[(0, each)] for each in events] if packing == "plain" else [list(enumerate(events))]
    assert_read(ReadFromKinesis(stream.source), whole, placed)


@dataclass(frozen=True)
class Planned:
    """A range of one's own cut."""

    shard_range: ShardRange
    count: int


def test_ranges_are_read_whole_or_not_at_all(stream: Stream) -> None:
    """A range is what is behind its start, up to its end; one that holds less than was counted is lost."""
    numbers = [int(stream.put(b"%d" % number)) for number in range(5)]
    identity = stream.source.identity()
    cut = ShardRange(identity, FIRST, ResumeAfter(numbers[0]), numbers[3])

    def read(count: int) -> None:
        with beam.Pipeline() as pipeline:
            found = pipeline | beam.Create([Planned(cut, count)]) | ReadAllFromKinesis(stream.source)
            assert_that(
                found | beam.Map(lambda each: list(each.records.data)), equal_to([[b"1", b"2", b"3"]])
            )

    read(3)
    with pytest.raises(Exception, match=RangeLostError.__name__):
        read(4)
