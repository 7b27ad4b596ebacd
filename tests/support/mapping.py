"""A stream that is mapped to a function which tells, by another stream, what it took."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runtime.settings import Settings
from tests.support.functions import Deploy, client
from tests.support.waiting import until

STREAM, SEEN, QUEUE, FLAGS = "mapped", "seen-by-functions", "given-up", "flags"
# The function tells what it took by a stream; `{body}` is what it does before.
SOURCE = """
import base64, boto3, json, os, time
kinesis = boto3.client("kinesis")
s3 = boto3.client("s3")
def is_healed():
    try:
        s3.head_object(Bucket="flags", Key="healed")
    except Exception:
        return False
    return True
def tell(taken=(), **more):
    told = json.dumps({"taken": taken, "pid": os.getpid(), **more})
    kinesis.put_record(StreamName="seen-by-functions", Data=told, PartitionKey="a")
def handler(event, context):
    records = event["Records"]
    data = [base64.b64decode(each["kinesis"]["data"]).decode() for each in records]
    keys = [each["kinesis"]["partitionKey"] for each in records]
    taken, answer = list(zip(keys, data)), None
    {body}
    tell(taken)
    return answer
"""
type Map = Callable[..., str]


@pytest.fixture
def kinesis(world: Settings) -> Iterator[Any]:
    """A stream to be mapped, one to tell by, a queue for what is given up, a bucket for flags."""
    kinesis = client(world, "kinesis")
    for name in (STREAM, SEEN):
        kinesis.create_stream(StreamName=name, ShardCount=1)
    client(world, "sqs").create_queue(QueueName=QUEUE)
    s3 = client(world, "s3")
    s3.create_bucket(Bucket=FLAGS)
    yield kinesis
    s3.delete_object(Bucket=FLAGS, Key="healed")
    s3.delete_bucket(Bucket=FLAGS)
    sqs = client(world, "sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"])


@pytest.fixture
def mapped(functions: Any, deploy: Deploy, kinesis: Any) -> Map:
    """Deploy a function with a body, map the stream to it, and return the mapping's UUID."""
    arn = kinesis.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]["StreamARN"]

    def make(body: str = "pass", **settings: Any) -> str:
        name = deploy(SOURCE.replace("{body}", body))
        settings = {"StartingPosition": "TRIM_HORIZON"} | settings
        mapping = functions.create_event_source_mapping(FunctionName=name, EventSourceArn=arn, **settings)
        wait_for(functions, mapping["UUID"], "Enabled")
        return str(mapping["UUID"])

    return make


def wait_for(functions: Any, uuid: str, state: str) -> None:
    """Wait until a mapping is in a state."""
    until(lambda: functions.get_event_source_mapping(UUID=uuid)["State"] == state, 30)


def put(kinesis: Any, *pairs: tuple[str, str]) -> list[str]:
    """Put records of (key, data), and return their numbers."""
    records = [{"PartitionKey": key, "Data": data.encode()} for key, data in pairs]
    numbers = []
    for start in range(0, len(records), 500):
        answer = kinesis.put_records(StreamName=STREAM, Records=records[start : start + 500])
        numbers += [each["SequenceNumber"] for each in answer["Records"]]
    return numbers


def told(kinesis: Any) -> list[dict[str, Any]]:
    """Return what invocations told, in the order of their ends."""
    at = kinesis.get_shard_iterator(
        StreamName=SEEN, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    return [json.loads(each["Data"]) for each in kinesis.get_records(ShardIterator=at)["Records"]]


def taken(kinesis: Any) -> list[list[str]]:
    """Return what was taken, in order."""
    return [pair for each in told(kinesis) for pair in each["taken"]]


def of_key(pairs: list[list[str]], key: str) -> list[str]:
    """Return one key's data."""
    return [data for each, data in pairs if each == key]
