"""DynamoDB Streams' operations, on a clock that moves by hand."""

from typing import Any

import orjson
import pytest

from localstack.providers.dynamodb.errors import DynamoDBError
from localstack.providers.dynamodb.stream import RETENTION_SECONDS, Stream
from localstack.providers.dynamodb.streams import ITERATOR_SECONDS, Streams

OWNER = ("000000000000", "eu-west-1")
SCHEMA = [{"AttributeName": "id", "KeyType": "HASH"}]


class Stand:
    """Streams of one table, and their clock."""

    def __init__(self) -> None:
        """Open one stream."""
        self.now = 1_700_000_000.25
        self.streams = Streams(lambda: self.now)
        self.stream = self.open("first")

    def open(self, label: str) -> Stream:
        """Open a stream of the table."""
        arn = f"arn:aws:dynamodb:{OWNER[1]}:{OWNER[0]}:table/board"
        stream = Stream("board", arn, label, "NEW_IMAGE", SCHEMA, self.now)
        self.streams.open(stream)
        return stream

    def put(self, *names: str) -> None:
        """Record new items."""
        for name in names:
            self.stream.append(None, {"id": {"S": name}}, self.now)

    def call(self, operation: str, **request: Any) -> Any:
        """Ask as the owner."""
        return orjson.loads(self.streams.call(operation, request, *OWNER))

    def iterator(self, kind: str, **more: Any) -> str:
        """Return an iterator of the first stream."""
        answer = self.call(
            "GetShardIterator",
            StreamArn=self.stream.arn,
            ShardId=self.stream.shard_id,
            ShardIteratorType=kind,
            **more,
        )
        return str(answer["ShardIterator"])

    def read(self, kind: str = "TRIM_HORIZON", **more: Any) -> list[Any]:
        """Return records from an iterator on."""
        return list(self.call("GetRecords", ShardIterator=self.iterator(kind, **more))["Records"])


@pytest.fixture
def stand() -> Stand:
    """One open stream."""
    return Stand()


def names(records: list[Any]) -> str:
    """Return the items' names."""
    return "".join(record["dynamodb"]["Keys"]["id"]["S"] for record in records)


def test_a_record_is_as_documented(stand: Stand) -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html."""
    stand.put("a")
    (record,) = stand.read()
    assert len(record.pop("eventID")) == 32
    number = record["dynamodb"]["SequenceNumber"]
    assert 21 <= len(number) <= 40
    assert record == {
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_700_000_000,
            "Keys": {"id": {"S": "a"}},
            "NewImage": {"id": {"S": "a"}},
            "SequenceNumber": number,
            "SizeBytes": 6,
            "StreamViewType": "NEW_IMAGE",
        },
    }


def test_a_reader_goes_on_where_it_was(stand: Stand) -> None:
    """Pages of two, and nothing twice, while more is written."""
    stand.put(*"abc")
    iterator, found = stand.iterator("TRIM_HORIZON"), ""
    for _ in range(4):
        answer = stand.call("GetRecords", ShardIterator=iterator, Limit=2)
        found, iterator = found + names(answer["Records"]), answer["NextShardIterator"]
        stand.put("d") if found == "ab" else None
    assert found == "abcd"


def test_iterators_begin_where_they_say(stand: Stand) -> None:
    """AT the number, AFTER it, and LATEST behind everything."""
    stand.put(*"abc")
    number = stand.stream.number(1)
    assert names(stand.read("AT_SEQUENCE_NUMBER", SequenceNumber=number)) == "bc"
    assert names(stand.read("AFTER_SEQUENCE_NUMBER", SequenceNumber=number)) == "c"
    latest = stand.iterator("LATEST")
    stand.put("d")
    assert names(stand.call("GetRecords", ShardIterator=latest)["Records"]) == "d"


@pytest.mark.parametrize(
    ("number", "message"), [("7", "none of this shard"), ("x", "none of this shard"), (None, "is required")]
)
def test_numbers_of_no_record_are_refused(stand: Stand, number: str | None, message: str) -> None:
    """A number that the shard has not given out, or none."""
    more = {"SequenceNumber": number} if number else {}
    with pytest.raises(DynamoDBError, match=message):
        stand.iterator("AT_SEQUENCE_NUMBER", **more)


def test_records_are_kept_for_a_day(stand: Stand) -> None:
    """Later they are trimmed: TRIM_HORIZON begins behind them, and their numbers are refused."""
    stand.put("a")
    number, iterator = stand.stream.number(0), stand.iterator("TRIM_HORIZON")
    stand.now += RETENTION_SECONDS - 1
    assert names(stand.read()) == "a"
    stand.now += 2
    stand.put("b")
    assert names(stand.read()) == "b"
    with pytest.raises(DynamoDBError, match="TrimmedDataAccessException"):
        stand.iterator("AT_SEQUENCE_NUMBER", SequenceNumber=number)
    assert names(stand.read("AFTER_SEQUENCE_NUMBER", SequenceNumber=number)) == "b"
    with pytest.raises(DynamoDBError, match="ExpiredIteratorException"):
        stand.call("GetRecords", ShardIterator=iterator)


def test_a_shard_s_first_number_begins_where_all_is_trimmed(stand: Stand) -> None:
    """DescribeStream names it though no record has it, and what is written next is read from it."""
    stand.put(*"ab")
    stand.now += RETENTION_SECONDS + 1
    description = stand.call("DescribeStream", StreamArn=stand.stream.arn)["StreamDescription"]
    number = description["Shards"][0]["SequenceNumberRange"]["StartingSequenceNumber"]
    iterator = stand.iterator("AT_SEQUENCE_NUMBER", SequenceNumber=number)
    stand.put("c")
    assert names(stand.call("GetRecords", ShardIterator=iterator)["Records"]) == "c"


def test_an_iterator_expires(stand: Stand) -> None:
    """It is good for 15 minutes."""
    iterator = stand.iterator("LATEST")
    stand.now += ITERATOR_SECONDS
    stand.call("GetRecords", ShardIterator=iterator)
    stand.now += 1
    with pytest.raises(DynamoDBError, match="ExpiredIteratorException"):
        stand.call("GetRecords", ShardIterator=iterator)
    with pytest.raises(DynamoDBError, match="Invalid ShardIterator"):
        stand.call("GetRecords", ShardIterator="nonsense")


def test_a_closed_stream_is_read_to_its_end_and_forgotten(stand: Stand) -> None:
    """It has an ending number and no next iterator, and after a day it is not there."""
    stand.put("a")
    stand.streams.close(stand.stream)
    answer = stand.call("GetRecords", ShardIterator=stand.iterator("TRIM_HORIZON"))
    assert (names(answer["Records"]), "NextShardIterator" in answer) == ("a", False)
    description = stand.call("DescribeStream", StreamArn=stand.stream.arn)["StreamDescription"]
    assert description["StreamStatus"] == "DISABLED"
    numbers = description["Shards"][0]["SequenceNumberRange"]
    assert numbers["EndingSequenceNumber"] == stand.stream.number(0)
    stand.now += RETENTION_SECONDS + 1
    with pytest.raises(DynamoDBError, match="ResourceNotFoundException"):
        stand.call("DescribeStream", StreamArn=stand.stream.arn)


def test_streams_are_listed_page_by_page(stand: Stand) -> None:
    """Those of the table, of this account and region."""
    stand.open("second")
    page = stand.call("ListStreams", TableName="board", Limit=1)
    assert [each["StreamLabel"] for each in page["Streams"]] == ["first"]
    rest = stand.call("ListStreams", ExclusiveStartStreamArn=page["LastEvaluatedStreamArn"])
    assert [each["StreamLabel"] for each in rest["Streams"]] == ["second"]
    assert "LastEvaluatedStreamArn" not in rest
    assert stand.call("ListStreams", TableName="other")["Streams"] == []


def test_a_later_stream_has_larger_numbers(stand: Stand) -> None:
    """And as many digits."""
    first = stand.stream.number(10**9)
    stand.now += 1
    second = stand.open("second").number(0)
    assert len(first) == len(second)
    assert int(first) < int(second)
