"""DynamoDB's streams: what changes and what expires is in them, in order, as on AWS."""

import time
from typing import Any

import pytest

from tests.support.dynamodb import Make, changes, item, read, refusal, stream_of
from tests.support.waiting import until


@pytest.mark.parametrize(
    ("view", "images"),
    [
        pytest.param("KEYS_ONLY", [{}, {}, {}], id="keys"),
        pytest.param("NEW_IMAGE", [{"NewImage": 1}, {"NewImage": 2}, {}], id="new"),
        pytest.param("OLD_IMAGE", [{}, {"OldImage": 1}, {"OldImage": 2}], id="old"),
        pytest.param(
            "NEW_AND_OLD_IMAGES",
            [{"NewImage": 1}, {"NewImage": 2, "OldImage": 1}, {"OldImage": 2}],
            id="both",
        ),
    ],
)
def test_each_view_has_its_images(
    dynamodb: Any, streams: Any, make: Make, view: str, images: list[dict[str, int]]
) -> None:
    """A put, an update, the same put again and a delete make three records with the view's images."""
    name = make(view)
    dynamodb.update_item(
        TableName=name,
        Key=item("a"),
        UpdateExpression="SET n = :n",
        ExpressionAttributeValues={":n": {"N": "1"}},
    )
    dynamodb.put_item(TableName=name, Item=item("a", n=2))
    dynamodb.put_item(TableName=name, Item=item("a", n={"N": "2.0"}))
    dynamodb.delete_item(TableName=name, Key=item("a"))
    dynamodb.delete_item(TableName=name, Key=item("a"))
    records = changes(dynamodb, streams, name)
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    for record, expected in zip(records, images, strict=True):
        change = record["dynamodb"]
        assert {key: value for key, value in change.items() if key.endswith("Image")} == {
            each: item("a", n=n) for each, n in expected.items()
        }
        assert change["Keys"] == item("a")
        assert change["SizeBytes"] == 3 + 6 * len(expected)
        assert change["StreamViewType"] == view
        assert abs(change["ApproximateCreationDateTime"].timestamp() - time.time()) < 60
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    assert numbers == sorted(numbers)
    assert len(set(map(len, numbers))) == 1
    assert len({record["eventID"] for record in records}) == 3


def test_batches_and_transactions_are_in_the_stream(dynamodb: Any, streams: Any, make: Make) -> None:
    """BatchWriteItem and TransactWriteItems leave the records that single writes would."""
    name = make("NEW_IMAGE")
    dynamodb.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": item(each)}} for each in "ab"]})
    dynamodb.transact_write_items(
        TransactItems=[
            {"Delete": {"TableName": name, "Key": item("a")}},
            {"Put": {"TableName": name, "Item": item("c")}},
            {"Put": {"TableName": name, "Item": item("b")}},
        ]
    )
    assert [(each["eventName"], each["dynamodb"]["Keys"]) for each in changes(dynamodb, streams, name)] == [
        ("INSERT", item("a")),
        ("INSERT", item("b")),
        ("REMOVE", item("a")),
        ("INSERT", item("c")),
    ]


def test_a_stream_is_read_from_a_sequence_number(dynamodb: Any, streams: Any, make: Make) -> None:
    """AT reads the record itself, AFTER what follows, LATEST what comes after the iterator."""
    name = make("KEYS_ONLY")
    arn = stream_of(dynamodb, name)
    for each in "abc":
        dynamodb.put_item(TableName=name, Item=item(each))
    number = changes(dynamodb, streams, name)[1]["dynamodb"]["SequenceNumber"]
    for kind, count_ in (("AT_SEQUENCE_NUMBER", 2), ("AFTER_SEQUENCE_NUMBER", 1)):
        assert len(read(streams, arn, ShardIteratorType=kind, SequenceNumber=number)) == count_
    assert read(streams, arn, ShardIteratorType="LATEST") == []
    assert streams.list_streams(TableName=name)["Streams"][0]["StreamArn"] == arn
    failure = refusal(lambda: streams.describe_stream(StreamArn=f"{arn}x"))
    assert failure["Error"]["Code"] == "ResourceNotFoundException"


def test_a_stream_that_was_disabled_can_be_read(dynamodb: Any, streams: Any, make: Make) -> None:
    """A stream that is enabled again is another one; the old one can still be read."""
    name = make("KEYS_ONLY")
    first = stream_of(dynamodb, name)
    dynamodb.put_item(TableName=name, Item=item("a"))
    enabled = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    failure = refusal(lambda: dynamodb.update_table(TableName=name, StreamSpecification=enabled))
    assert failure["Error"]["Code"] == "ValidationException"
    dynamodb.update_table(TableName=name, StreamSpecification={"StreamEnabled": False})
    dynamodb.put_item(TableName=name, Item=item("b"))
    dynamodb.update_table(TableName=name, StreamSpecification=enabled)
    dynamodb.put_item(TableName=name, Item=item("c"))
    second = stream_of(dynamodb, name)
    assert [
        read(streams, arn, ShardIteratorType="TRIM_HORIZON")[0]["dynamodb"]["Keys"] for arn in (first, second)
    ] == [
        item("a"),
        item("c"),
    ]
    described = streams.describe_stream(StreamArn=first)["StreamDescription"]
    assert described["StreamStatus"] == "DISABLED"
    assert "EndingSequenceNumber" in described["Shards"][0]["SequenceNumberRange"]
    iterator = streams.get_shard_iterator(
        StreamArn=first, ShardId=described["Shards"][0]["ShardId"], ShardIteratorType="LATEST"
    )
    assert "NextShardIterator" not in streams.get_records(ShardIterator=iterator["ShardIterator"])


def test_expired_items_are_deleted(dynamodb: Any, streams: Any, make: Make) -> None:
    """What has expired goes, as the service's own removal; what is too old or no number stays."""
    name = make("NEW_AND_OLD_IMAGES", sort="kind")
    now = int(time.time())
    untils = {
        "before": {"N": str(now - 10)},
        "text": {"S": str(now - 10)},
        "ancient": {"N": str(now - 6 * 366 * 24 * 3600)},
        "later": {"N": str(now + 3600)},
        "soon": {"N": str(now + 2)},
    }
    for each, until_ in untils.items():
        dynamodb.put_item(TableName=name, Item=item(each, kind={"S": "k"}, until=until_))
    dynamodb.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"}
    )
    description = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert description == {"TimeToLiveStatus": "ENABLED", "AttributeName": "until"}
    dynamodb.put_item(TableName=name, Item=item("late put", kind={"S": "k"}, until=now - 1))
    gone = {"before", "soon", "late put"}
    until(lambda: dynamodb.scan(TableName=name)["Count"] == 3, 20)
    assert {each["id"]["S"] for each in dynamodb.scan(TableName=name)["Items"]} == untils.keys() - gone
    removed = [each for each in changes(dynamodb, streams, name) if each["eventName"] == "REMOVE"]
    assert {each["dynamodb"]["OldImage"]["id"]["S"] for each in removed} == gone
    for each in removed:
        assert each["userIdentity"] == {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
        assert "NewImage" not in each["dynamodb"]
