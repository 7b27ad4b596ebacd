"""Records, read."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.documented import (
    Client,
    MakeStream,
    arn_of,
    documented,
    drain,
    iterator,
    put,
    read,
    refused,
)

SHARD = "shardId-000000000000"


@documented("API_GetShardIterator")
def test_trim_horizon_is_the_oldest(kinesis: Client, stream: MakeStream) -> None:
    """TRIM_HORIZON begins with the oldest record."""
    name = stream()
    put(kinesis, name, *"abc")
    assert read(kinesis, name, SHARD) == [b"a", b"b", b"c"]


@documented("API_GetShardIterator")
def test_latest_is_what_comes_after(kinesis: Client, stream: MakeStream) -> None:
    """LATEST begins behind the newest record."""
    name = stream()
    put(kinesis, name, "a")
    at = iterator(kinesis, name, SHARD, "LATEST")
    put(kinesis, name, "b")
    assert [each["Data"] for each in drain(kinesis, at)[0]] == [b"b"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("AT_SEQUENCE_NUMBER", [b"b", b"c"]), ("AFTER_SEQUENCE_NUMBER", [b"c"])],
)
@documented("API_GetShardIterator")
def test_a_sequence_number_is_a_position(
    kinesis: Client, stream: MakeStream, kind: str, expected: list[bytes]
) -> None:
    """AT_SEQUENCE_NUMBER begins with the record of that number, AFTER_SEQUENCE_NUMBER behind it."""
    name = stream()
    number = put(kinesis, name, *"abc")[1]["SequenceNumber"]
    assert read(kinesis, name, SHARD, kind, StartingSequenceNumber=number) == expected


@documented("API_GetShardIterator")
def test_a_time_is_a_position(kinesis: Client, stream: MakeStream) -> None:
    """AT_TIMESTAMP begins with the first record that arrived then or later."""
    name = stream()
    put(kinesis, name, "a")
    time.sleep(0.05)
    between = datetime.now(UTC)
    time.sleep(0.05)
    put(kinesis, name, "b")
    assert read(kinesis, name, SHARD, "AT_TIMESTAMP", Timestamp=between) == [b"b"]
    assert read(kinesis, name, SHARD, "AT_TIMESTAMP", Timestamp=between - timedelta(hours=1)) == [b"a", b"b"]


@documented("API_GetShardIterator")
def test_a_time_to_come_is_refused(kinesis: Client, stream: MakeStream) -> None:
    """AT_TIMESTAMP in the future is an InvalidArgumentException."""
    name = stream()
    with refused("InvalidArgumentException"):
        iterator(kinesis, name, SHARD, "AT_TIMESTAMP", Timestamp=datetime.now(UTC) + timedelta(hours=1))


@documented("API_GetShardIterator")
def test_a_position_needs_its_argument(kinesis: Client, stream: MakeStream) -> None:
    """Types of positions that need a number or a time are refused without it."""
    name = stream()
    for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", "AT_TIMESTAMP"):
        with refused("InvalidArgumentException"):
            iterator(kinesis, name, SHARD, kind)


@documented("API_GetShardIterator")
def test_a_foreign_sequence_number_is_refused(kinesis: Client, stream: MakeStream) -> None:
    """A sequence number that is not the shard's is an InvalidArgumentException."""
    name = stream()
    with refused("InvalidArgumentException"):
        iterator(kinesis, name, SHARD, "AT_SEQUENCE_NUMBER", StartingSequenceNumber="123")


@documented("API_GetShardIterator")
def test_an_unknown_shard_is_not_found(kinesis: Client, stream: MakeStream) -> None:
    """An unknown shard is a ResourceNotFoundException."""
    name = stream()
    with refused("ResourceNotFoundException"):
        iterator(kinesis, name, "shardId-000000000009")


@documented("API_GetRecords")
def test_a_limit_is_kept(kinesis: Client, stream: MakeStream) -> None:
    """GetRecords gives at most Limit records, and the next iterator goes on behind them."""
    name = stream()
    put(kinesis, name, *"abc")
    first = kinesis.get_records(ShardIterator=iterator(kinesis, name, SHARD), Limit=2)
    second = kinesis.get_records(ShardIterator=first["NextShardIterator"], Limit=2)
    assert [[each["Data"] for each in answer["Records"]] for answer in (first, second)] == [
        [b"a", b"b"],
        [b"c"],
    ]


@documented("API_GetRecords")
def test_an_iterator_can_be_used_again(kinesis: Client, stream: MakeStream) -> None:
    """The same iterator gives the same records."""
    name = stream()
    put(kinesis, name, *"abc")
    at = iterator(kinesis, name, SHARD)
    first, second = (kinesis.get_records(ShardIterator=at)["Records"] for _ in range(2))
    assert len(first) == 3
    assert first == second


@documented("API_GetRecords")
def test_millis_behind_latest(kinesis: Client, stream: MakeStream) -> None:
    """MillisBehindLatest is above 0 while records are left, and 0 at the tip."""
    name = stream()
    put(kinesis, name, "a")
    time.sleep(0.05)
    put(kinesis, name, "b")
    first = kinesis.get_records(ShardIterator=iterator(kinesis, name, SHARD), Limit=1)
    second = kinesis.get_records(ShardIterator=first["NextShardIterator"], Limit=1)
    assert first["MillisBehindLatest"] > 0
    assert second["MillisBehindLatest"] == 0


@documented("API_GetRecords")
def test_records_carry_their_arrival(kinesis: Client, stream: MakeStream) -> None:
    """ApproximateArrivalTimestamp is when the record was stored, to the millisecond."""
    name = stream()
    before = datetime.now(UTC)
    put(kinesis, name, "a")
    (record,) = drain(kinesis, iterator(kinesis, name, SHARD))[0]
    second = timedelta(seconds=1)
    assert before - second <= record["ApproximateArrivalTimestamp"] <= datetime.now(UTC) + second


@documented("API_GetRecords")
def test_an_answer_has_at_most_ten_mebibytes(kinesis: Client, stream: MakeStream) -> None:
    """GetRecords gives at most 10 MiB, and the rest by the next iterator."""
    name = stream()
    for _ in range(12):
        kinesis.put_record(StreamName=name, Data=b"x" * (2**20 - 1), PartitionKey="a")
    answer = kinesis.get_records(ShardIterator=iterator(kinesis, name, SHARD))
    assert sum(len(each["Data"]) for each in answer["Records"]) <= 10 * 2**20
    records, _ = drain(kinesis, answer["NextShardIterator"])
    assert len(answer["Records"]) + len(records) == 12


@documented("API_GetRecords")
def test_an_empty_shard_gives_an_empty_list_and_an_iterator(kinesis: Client, stream: MakeStream) -> None:
    """Where there is no record the list is empty, and reading goes on."""
    answer = kinesis.get_records(ShardIterator=iterator(kinesis, stream(), SHARD))
    assert (answer["Records"], bool(answer["NextShardIterator"])) == ([], True)


@pytest.mark.parametrize("limit", [0, -1, 10_001])
@documented("API_GetRecords")
def test_a_limit_has_limits(kinesis: Client, stream: MakeStream, limit: int) -> None:
    """Limit is from 1 to 10,000."""
    at = iterator(kinesis, stream(), SHARD)
    with refused("ValidationException", "InvalidArgumentException"):
        kinesis.get_records(ShardIterator=at, Limit=limit)


@pytest.mark.parametrize("text", ["garbage", "AAAA" * 20, "x" * 513])
@documented("API_GetRecords")
def test_what_is_no_iterator_is_refused(kinesis: Client, text: str) -> None:
    """A ShardIterator that Kinesis did not give is refused."""
    with refused("InvalidArgumentException", "ValidationException"):
        kinesis.get_records(ShardIterator=text)


@documented("API_GetRecords")
def test_an_iterator_goes_with_its_arn(kinesis: Client, stream: MakeStream) -> None:
    """GetRecords takes the StreamARN beside the iterator."""
    name = stream()
    put(kinesis, name, "a")
    answer = kinesis.get_records(
        ShardIterator=iterator(kinesis, name, SHARD), StreamARN=arn_of(kinesis, name)
    )
    assert len(answer["Records"]) == 1
