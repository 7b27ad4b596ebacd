"""The replay into the local cloud's Kinesis: what it says it sent is what stands in the shards."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import orjson
import pytest

from app import wiring
from app.commands.bootstrap import prepare
from app.replay.faults import FaultPlan, inject
from app.replay.replay import Speed, forget_end, outgoing, run
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
        while behind:
            answer = kinesis.get_records(ShardIterator=iterator)
            yield from ((name, int(each["SequenceNumber"]), each["Data"]) for each in answer["Records"])
            iterator = answer["NextShardIterator"]
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


def test_an_end_is_taken_back(world: Settings) -> None:
    """A stream that is started now waits for the next replay's end."""
    prepare(world)
    kinesis, lake = wiring.producer(), wiring.lake(world)
    key = replay_end_key(stream_identity(kinesis, WEATHER_STREAM))
    lake.put(key, b"{}")
    forget_end(kinesis, lake)
    with pytest.raises(NoSuchObjectError, match="no object under key `replays/"):
        lake.get(key)
