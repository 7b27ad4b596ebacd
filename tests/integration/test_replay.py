"""The replay into the local cloud's Kinesis: what it says it sent is what stands in the shards."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from hashlib import md5
from typing import Any

import orjson
import pytest

from app import wiring
from app.commands.bootstrap import prepare
from app.replay.faults import NO_FAULTS, FaultPlan, inject
from app.replay.packer import Packer
from app.replay.replay import Speed, forget_end, outgoing, run
from app.replay.sender import Sender
from contracts.batches import PACKINGS, Packing, unpack
from contracts.lake import replay_end_key
from contracts.streams import FLIGHT_EVENTS_STREAM, WEATHER_STREAM
from runtime.objects import NoSuchObjectError
from runtime.settings import Settings
from runtime.streams import stream_identity

pytestmark = pytest.mark.timeout(240)
DAY = date(2013, 2, 8)


def records_of(kinesis: Any, stream: str) -> Iterator[tuple[str, int, bytes]]:
    """Yield shard, sequence number and bytes of all that a stream holds."""
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        name = shard["ShardId"]
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=name, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        behind = 1
        while behind and iterator:  # a closed shard ends without a next one
            answer = kinesis.get_records(ShardIterator=iterator)
            yield from ((name, int(each["SequenceNumber"]), each["Data"]) for each in answer["Records"])
            iterator = answer.get("NextShardIterator")
            behind = answer["MillisBehindLatest"] if answer["Records"] else 0


def test_a_replay_sends_the_day_with_its_faults_and_says_where_it_ended(world: Settings) -> None:
    """Both streams hold exactly the plan's bytes, and each end names the last record of each shard."""
    prepare(world)
    kinesis, lake = wiring.producer(), wiring.lake(world)
    records = outgoing(DAY, DAY)
    result = run(
        records=records, kinesis=kinesis, objects=lake, speed=Speed(), plan=FaultPlan(), clock=wiring.CLOCK
    )
    planned, faults = inject(records, FaultPlan())
    assert result.faults.to_json() == faults.to_json()
    for stream in (FLIGHT_EVENTS_STREAM, WEATHER_STREAM):
        held = list(records_of(kinesis, stream))
        assert Counter(data for _, _, data in held) == Counter(
            each.data for each in planned if each.stream == stream
        )
        assert result.sent[stream] == len(held)
        last: dict[str, int] = {}
        for shard, number, _ in held:
            last[shard] = max(last.get(shard, 0), number)
        end = orjson.loads(lake.get(replay_end_key(stream_identity(kinesis, stream))))
        assert end["last"] == {shard: str(number) for shard, number in last.items()}


@pytest.mark.parametrize("packing", [each for each in PACKINGS if each != "plain"])
def test_a_packed_replay_keeps_each_event_in_its_own_shard_and_in_order(
    world: Settings, packing: Packing
) -> None:
    """The shard that a plain record's partition key would choose, and the order of the event times."""
    prepare(world)
    kinesis, records = wiring.producer(), outgoing(DAY, DAY)
    result = run(
        records=records,
        kinesis=kinesis,
        objects=wiring.lake(world),
        speed=Speed(),
        plan=NO_FAULTS,
        clock=wiring.CLOCK,
        packing=packing,
    )
    for stream in (FLIGHT_EVENTS_STREAM, WEATHER_STREAM):
        truth = [each for each in records if each.stream == stream]
        assert result.sent[stream] == len(truth)
        held = list(records_of(kinesis, stream))
        assert len(held) < len(truth) / 50
        ranges = open_ranges(kinesis, stream)
        for shard, keys in ranges.items():
            found = [event for name, _, data in held if name == shard for event in unpack(data)]
            assert found == [each.data for each in truth if hash_key(each.partition_key) in keys]
        assert sum(len(unpack(data)) for _, _, data in held) == len(truth)


def test_a_packed_replay_follows_a_stream_that_is_split(world: Settings) -> None:
    """What is packed after the split lies in the children, each event in the one of its own hash key."""
    prepare(world)
    kinesis, records = wiring.producer(), outgoing(DAY, DAY)
    flights = [each for each in records if each.stream == FLIGHT_EVENTS_STREAM]
    packer, sender = Packer(kinesis, FLIGHT_EVENTS_STREAM, "zstd"), Sender(kinesis, wiring.CLOCK)
    split_all(kinesis, FLIGHT_EVENTS_STREAM)
    children = open_ranges(kinesis, FLIGHT_EVENTS_STREAM)
    assert packer.shards.isdisjoint(children)
    for part in (flights[:200], flights[200:]):
        sender.send(FLIGHT_EVENTS_STREAM, list(packer.pack(part)))
        packer.follow(sender.last[FLIGHT_EVENTS_STREAM].keys())
    held = list(records_of(kinesis, FLIGHT_EVENTS_STREAM))
    before = {each.data for each in flights[:200]}
    assert Counter(event for _, _, data in held for event in unpack(data)) == Counter(
        each.data for each in flights
    )
    for shard, keys in children.items():
        found = [event for name, _, data in held if name == shard for event in unpack(data)]
        assert [event for event in found if event not in before] == [
            each.data for each in flights[200:] if hash_key(each.partition_key) in keys
        ]


def open_ranges(kinesis: Any, stream: str) -> dict[str, range]:
    """Return the hash keys of each open shard."""
    return {
        shard["ShardId"]: range(
            int(shard["HashKeyRange"]["StartingHashKey"]), int(shard["HashKeyRange"]["EndingHashKey"]) + 1
        )
        for shard in kinesis.list_shards(StreamName=stream)["Shards"]
        if "EndingSequenceNumber" not in shard["SequenceNumberRange"]
    }


def hash_key(partition_key: str) -> int:
    """Return what Kinesis makes of a partition key."""
    return int(md5(partition_key.encode(), usedforsecurity=False).hexdigest(), 16)


def split_all(kinesis: Any, stream: str) -> None:
    """Split every shard in its middle."""
    for shard, keys in open_ranges(kinesis, stream).items():
        kinesis.split_shard(
            StreamName=stream, ShardToSplit=shard, NewStartingHashKey=str((keys.start + keys.stop) // 2)
        )
        kinesis.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1})


def test_an_end_is_taken_back(world: Settings) -> None:
    """A stream that is started now waits for the next replay's end."""
    prepare(world)
    kinesis, lake = wiring.producer(), wiring.lake(world)
    key = replay_end_key(stream_identity(kinesis, WEATHER_STREAM))
    lake.put(key, b"{}")
    forget_end(kinesis, lake)
    with pytest.raises(NoSuchObjectError, match="no object under key `replays/"):
        lake.get(key)
