"""Events packed together: each with its shard's others, in their order, none lost."""

from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import Any

import pytest

from app.replay.faults import NO_FAULTS, Outgoing
from app.replay.packer import MOST_EVENTS, Packer
from app.replay.replay import Speed, run
from contracts.batches import PACKINGS, Packing, unpack
from contracts.streams import FLIGHT_EVENTS_STREAM
from runtime.objects import MemoryObjects
from tests.unit.app.test_replay_send import HandClock, MemoryKinesis

START = datetime(2013, 2, 8, tzinfo=UTC)
TOGETHER: list[Packing] = [each for each in PACKINGS if each != "plain"]


def events(count: int) -> list[Outgoing]:
    """Events of twenty keys, in turn."""
    return [
        Outgoing(
            FLIGHT_EVENTS_STREAM, f"e{n}", f"k{n % 20}", f'{{"n":{n}}}'.encode(), START + timedelta(seconds=n)
        )
        for n in range(count)
    ]


def shard_start(key: str) -> str:
    """The first hash key of the half of the hash keys that a key belongs to."""
    return str(2**127 if int.from_bytes(md5(key.encode(), usedforsecurity=False).digest()) >= 2**127 else 0)


@pytest.mark.parametrize("packing", TOGETHER)
def test_a_shard_s_events_are_packed_in_their_order(packing: Packing) -> None:
    """Every event once, with those of its shard, and no record beyond the most events."""
    given = events(3 * MOST_EVENTS)
    records = list(Packer(MemoryKinesis(), FLIGHT_EVENTS_STREAM, packing).pack(given))
    assert all(record.events == len(unpack(record.data)) <= MOST_EVENTS for record in records)
    for start in ("0", str(2**127)):
        packed = [data for each in records if each.explicit_hash_key == start for data in unpack(each.data)]
        assert packed == [each.data for each in given if shard_start(each.partition_key) == start]
        assert packed


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_replay_counts_events_however_they_are_packed(packing: Packing) -> None:
    """And fewer records are put."""
    kinesis = MemoryKinesis()
    result = run(
        records=events(2000),
        kinesis=kinesis,
        objects=MemoryObjects(f"packed {packing}"),
        speed=Speed(),
        plan=NO_FAULTS,
        clock=HandClock(),
        packing=packing,
    )
    assert result.sent == {FLIGHT_EVENTS_STREAM: 2000}
    assert len(kinesis.records) == 2000 if packing == "plain" else len(kinesis.records) < 10
    assert sum(len(unpack(data)) for _, data in kinesis.records) == 2000


def test_shards_are_looked_up_again_when_an_answer_names_another() -> None:
    """The stream was split since."""

    class Split(MemoryKinesis):
        looks = 0

        def list_shards(self, *, StreamName: str) -> Any:  # noqa: N803  # AWS's name
            self.looks += 1
            return super().list_shards(StreamName=StreamName)

    kinesis = Split()
    run(
        records=events(10),
        kinesis=kinesis,
        objects=MemoryObjects("split"),
        speed=Speed.parse("1"),
        plan=NO_FAULTS,
        clock=HandClock(),
        packing="zstd",
    )
    assert kinesis.looks > 2  # once a stream at the start, and for answers of shards it had not seen
