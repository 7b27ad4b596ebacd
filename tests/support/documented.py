"""What the conformance suite stands on: a Kinesis endpoint behind boto3, and pages of AWS's documentation.

By default it is the session's local stack; MILLRACE_CONFORMANCE_ENDPOINT names another.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = "MILLRACE_CONFORMANCE_ENDPOINT"
_NUMBERS = count(1)
_READY_SECONDS = 30.0

type Client = Any
type MakeStream = Callable[..., str]


def documented(page: str) -> pytest.MarkDecorator:
    """Say which page states a test's fact: of the API reference, or of the developer guide."""
    return pytest.mark.documented(page)


@contextmanager
def refused(*codes: str) -> Iterator[None]:
    """Expect an error with status 400, of one of these codes, and with a message."""
    with pytest.raises(ClientError) as caught:
        yield
    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["Error"]["Code"] in codes
    assert response["Error"].get("Message")


@pytest.fixture(scope="session")
def endpoint(request: pytest.FixtureRequest) -> str:
    """Return the endpoint under test; the local stack is started only where no other is named."""
    named = os.environ.get(ENDPOINT)
    if named:
        return named
    request.getfixturevalue("stack")
    return os.environ["AWS_ENDPOINT_URL"]


@pytest.fixture(scope="session")
def kinesis(endpoint: str) -> Client:
    """Return a client that repeats nothing and checks nothing: bad input must reach the server."""
    return boto3.client(
        "kinesis",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  # a dummy
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False, read_timeout=20),
    )


@pytest.fixture
def stream(kinesis: Client) -> Iterator[MakeStream]:
    """Return who makes streams, which are deleted afterwards."""
    made: list[str] = []

    def make(shards: int | None = 1, **request: Any) -> str:
        name = f"conformance-{os.getpid()}-{next(_NUMBERS)}"
        if shards:
            request["ShardCount"] = shards
        kinesis.create_stream(StreamName=name, **request)
        made.append(name)
        settle(kinesis, name)
        return name

    yield make
    for name in made:
        with suppress(ClientError):
            kinesis.delete_stream(StreamName=name, EnforceConsumerDeletion=True)


def settle(kinesis: Client, name: str) -> dict[str, Any]:
    """Wait until a stream is ACTIVE, and return its summary: creation and resharding take a while on AWS."""
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        summary: dict[str, Any] = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
        if summary["StreamStatus"] == "ACTIVE" or time.monotonic() > deadline:
            return summary
        time.sleep(0.1)


def arn_of(kinesis: Client, name: str) -> str:
    """Return a stream's ARN."""
    return str(kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"])


def put(kinesis: Client, name: str, *keys: str, **request: Any) -> list[dict[str, Any]]:
    """Put one record a key, its data the key, one after the other, and return the answers."""
    return [
        kinesis.put_record(StreamName=name, Data=key.encode(), PartitionKey=key, **request) for key in keys
    ]


def shards_of(kinesis: Client, name: str, **request: Any) -> list[dict[str, Any]]:
    """List a stream's shards."""
    return list(kinesis.list_shards(StreamName=name, **request)["Shards"])


def open_shards(kinesis: Client, name: str) -> list[dict[str, Any]]:
    """List the shards that take records, by hash key."""
    shards = [
        each for each in shards_of(kinesis, name) if "EndingSequenceNumber" not in each["SequenceNumberRange"]
    ]
    return sorted(shards, key=lambda each: int(each["HashKeyRange"]["StartingHashKey"]))


def iterator(kinesis: Client, name: str, shard_id: str, kind: str = "TRIM_HORIZON", **request: Any) -> str:
    """Return a shard iterator."""
    answer = kinesis.get_shard_iterator(StreamName=name, ShardId=shard_id, ShardIteratorType=kind, **request)
    return str(answer["ShardIterator"])


def drain(kinesis: Client, at: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Read from an iterator to the tip or the shard's end, and return the records and the last answer."""
    records: list[dict[str, Any]] = []
    for _ in range(50):
        answer: dict[str, Any] = kinesis.get_records(ShardIterator=at)
        records += answer["Records"]
        if not answer.get("NextShardIterator") or (
            not answer["Records"] and not answer["MillisBehindLatest"]
        ):
            return records, answer
        at = answer["NextShardIterator"]
    return records, answer


def read(
    kinesis: Client, name: str, shard_id: str, kind: str = "TRIM_HORIZON", **request: Any
) -> list[bytes]:
    """Return the data of a shard's records from a position on."""
    records, _ = drain(kinesis, iterator(kinesis, name, shard_id, kind, **request))
    return [record["Data"] for record in records]
