"""DynamoDB's tables for a test, their items and the changes in their streams."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from runtime.settings import Settings
from tests.support.functions import client

_NUMBERS = count(1)
type Call = Callable[[], Any]
type Make = Callable[..., str]


@pytest.fixture
def dynamodb(world: Settings) -> Any:
    """DynamoDB."""
    return client(world, "dynamodb")


@pytest.fixture
def streams(world: Settings) -> Any:
    """DynamoDB Streams."""
    return client(world, "dynamodbstreams")


@pytest.fixture
def make(dynamodb: Any) -> Iterator[Make]:
    """Make tables, with a stream of a view type or without, and delete them."""
    names: list[str] = []

    def table(view: str | None = None, sort: str | None = None) -> str:
        names.append(f"table-{next(_NUMBERS)}")
        keys = ["id", *([sort] if sort else [])]
        dynamodb.create_table(
            TableName=names[-1],
            KeySchema=[
                {"AttributeName": key, "KeyType": kind}
                for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            BillingMode="PAY_PER_REQUEST",
            **({"StreamSpecification": {"StreamEnabled": True, "StreamViewType": view}} if view else {}),
        )
        return names[-1]

    yield table
    for name in names:
        dynamodb.delete_table(TableName=name)


def stream_of(dynamodb: Any, name: str) -> str:
    """Return the ARN of a table's stream."""
    return str(dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"])


def changes(dynamodb: Any, streams: Any, name: str) -> list[Any]:
    """Read a table's stream from its start."""
    return read(streams, stream_of(dynamodb, name), ShardIteratorType="TRIM_HORIZON")


def read(streams: Any, arn: str, **start: Any) -> list[Any]:
    """Read a stream of one shard."""
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    answer = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], **start)
    return list(streams.get_records(ShardIterator=answer["ShardIterator"])["Records"])


def item(name: str, **attributes: Any) -> dict[str, Any]:
    """Return an item whose attributes are numbers, or values as they are."""
    values = {
        each: value if isinstance(value, dict) else {"N": str(value)} for each, value in attributes.items()
    }
    return {"id": {"S": name}} | values


def refusal(call: Call) -> dict[str, Any]:
    """Return how a call fails."""
    with pytest.raises(ClientError) as failure:
        call()
    answer: dict[str, Any] = dict(failure.value.response)
    return answer
