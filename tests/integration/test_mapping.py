"""Event source mappings of Kinesis: failures as AWS has them, order by key, nothing lost."""

import json
import time
from collections.abc import Callable, Iterator
from math import log2
from typing import Any

import pytest
from botocore.exceptions import ClientError

from runtime.settings import Settings
from tests.support.functions import Deploy, client
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(180)
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


def test_bisect_gives_up_the_poison_record_alone(mapped: Map, kinesis: Any, world: Settings) -> None:
    """99 of a batch of 100 are taken; the queue gets AWS's message with the poison's number."""
    sqs = client(world, "sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    numbers = put(kinesis, *((f"k{number}", str(number)) for number in range(100)))
    mapped(
        "tell(began=len(data))\n    assert '37' not in data",
        BatchSize=100,
        MaximumBatchingWindowInSeconds=1,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    until(lambda: len(taken(kinesis)) >= 99, 60)
    assert sorted(int(data) for _, data in taken(kinesis)) == [each for each in range(100) if each != 37]
    message = until(lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages"), 30)[0]
    body = json.loads(message["Body"])
    assert body["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert body["responseContext"]["functionError"] == "Unhandled"
    batch = body["KinesisBatchInfo"]
    assert (batch["batchSize"], batch["startSequenceNumber"], batch["endSequenceNumber"]) == (
        1,
        numbers[37],
        numbers[37],
    )
    began = [each["began"] for each in told(kinesis) if "began" in each]
    assert began[0] == 100
    assert len(began) - 1 <= 2 * log2(100) + 1  # 100 is no power of two: seven halvings, two each


def test_parallelization_keeps_each_key_s_order(mapped: Map, kinesis: Any) -> None:
    """Several processes at once on one shard."""
    put(kinesis, *((f"k{number % 20}", str(number)) for number in range(200)))
    mapped("time.sleep(0.1)", BatchSize=5, ParallelizationFactor=10)
    until(lambda: len(taken(kinesis)) >= 200, 90)
    assert len({each["pid"] for each in told(kinesis)}) > 3
    pairs = taken(kinesis)
    for key in {key for key, _ in pairs}:
        numbers = [int(data) for data in of_key(pairs, key)]
        assert numbers == sorted(numbers)


def test_a_function_that_heals_has_missed_nothing(mapped: Map, kinesis: Any, world: Settings) -> None:
    """It threw for many invocations, on several shards; order is kept by key, and nothing was skipped."""
    for count in (2, 3):
        kinesis.update_shard_count(StreamName=STREAM, TargetShardCount=count, ScalingType="UNIFORM_SCALING")
    mapped(
        "healed = is_healed()\n"
        "    tell(began=len(data), shard=records[0]['eventID'].split(':')[0])\n"
        "    assert healed",
        BatchSize=10,
        ParallelizationFactor=2,
        BisectBatchOnFunctionError=True,
    )
    put(kinesis, *((f"k{number % 24}", str(number)) for number in range(240)))

    def failures() -> list[dict[str, Any]]:
        return [each for each in told(kinesis) if "began" in each]

    until(lambda: len(failures()) >= 30 and len({each["shard"] for each in failures()}) == 3, 90)
    assert taken(kinesis) == []
    client(world, "s3").put_object(Bucket=FLAGS, Key="healed", Body=b"")
    until(lambda: len(taken(kinesis)) >= 240, 90)
    pairs = taken(kinesis)
    for key in range(24):
        assert [int(data) for data in of_key(pairs, f"k{key}")] == list(range(key, 240, 24))
    assert len(pairs) == 240


def test_reported_failures_are_tried_again_from_the_lowest(mapped: Map, kinesis: Any) -> None:
    """What came before it is not taken twice."""
    put(kinesis, *(("a", str(number)) for number in range(10)))
    mapped(
        "failed = [each['kinesis']['sequenceNumber'] for each, text in zip(records, data)"
        " if text == '6' and not is_healed()]\n"
        "    s3.put_object(Bucket='flags', Key='healed', Body=b'')\n"
        "    answer = {'batchItemFailures': [{'itemIdentifier': each} for each in failed]}\n"
        "    taken = taken[:6] if failed else taken",
        BatchSize=100,
        MaximumBatchingWindowInSeconds=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    until(lambda: len(taken(kinesis)) >= 10, 60)
    assert [int(data) for _, data in taken(kinesis)] == list(range(10))


def test_children_follow_their_parents(mapped: Map, kinesis: Any) -> None:
    """A key's order is kept through a split and a merge."""
    mapped("time.sleep(0.05)", BatchSize=10)
    expected: list[str] = []
    for step in range(3):
        for number in range(40):
            expected.append(f"{step}-{number}")
            kinesis.put_record(StreamName=STREAM, PartitionKey="a", Data=expected[-1].encode())
        if step == 0:
            kinesis.split_shard(
                StreamName=STREAM, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127)
            )
        if step == 1:
            kinesis.merge_shards(
                StreamName=STREAM,
                ShardToMerge="shardId-000000000001",
                AdjacentShardToMerge="shardId-000000000002",
            )
    until(lambda: len(taken(kinesis)) >= len(expected), 90)
    assert of_key(taken(kinesis), "a") == expected


def test_one_bad_shard_stops_nobody(mapped: Map, kinesis: Any, world: Settings) -> None:
    """The other is delivered as its records come, while IteratorAge tells that one grows older."""
    kinesis.update_shard_count(StreamName=STREAM, TargetShardCount=2, ScalingType="UNIFORM_SCALING")
    record = {"StreamName": STREAM, "PartitionKey": "bad", "Data": b"bad", "ExplicitHashKey": "0"}
    kinesis.put_record(**record)
    began = time.time()
    uuid = mapped(
        "assert 'bad' not in data\n"
        "    taken = [(key, str(time.time() - each['kinesis']['approximateArrivalTimestamp']))"
        " for key, each in zip(keys, records)]"
    )
    function = client(world, "lambda").get_event_source_mapping(UUID=uuid)["FunctionArn"].split(":")[-1]
    for number in range(5):
        good = {"PartitionKey": "good", "Data": str(number).encode(), "ExplicitHashKey": str(2**128 - 1)}
        kinesis.put_record(**(record | good))
        until(lambda number=number: len(taken(kinesis)) > number, 60)  # type: ignore[misc]
    assert max(float(age) for age in of_key(taken(kinesis), "good")) < 5

    def oldest() -> float:
        ages = client(world, "cloudwatch").get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName="IteratorAge",
            Dimensions=[{"Name": "FunctionName", "Value": function}],
            StartTime=began - 60,
            EndTime=time.time() + 60,
            Period=3600,
            Statistics=["Maximum"],
        )["Datapoints"]
        return max((float(each["Maximum"]) for each in ages), default=0.0)

    first = until(oldest, 30)
    # It grows between attempts too: those are up to ten seconds apart by now.
    until(lambda: oldest() >= max(first, 1000) + 3000, 30)
    assert oldest() <= (time.time() - began + 5) * 1000


def test_a_paused_mapping_goes_on_where_it_was(mapped: Map, kinesis: Any, functions: Any) -> None:
    """What comes meanwhile waits, and nothing is taken twice."""
    uuid = mapped(StartingPosition="LATEST")
    put(kinesis, ("a", "before"))
    until(lambda: taken(kinesis), 60)
    functions.update_event_source_mapping(UUID=uuid, Enabled=False)
    wait_for(functions, uuid, "Disabled")
    put(kinesis, ("a", "meanwhile"))
    assert of_key(taken(kinesis), "a") == ["before"]
    functions.update_event_source_mapping(UUID=uuid, Enabled=True)
    until(lambda: len(taken(kinesis)) >= 2, 60)
    assert of_key(taken(kinesis), "a") == ["before", "meanwhile"]


def test_a_filter_lets_through_what_matches(mapped: Map, kinesis: Any) -> None:
    """The rest is neither delivered nor in the way."""
    pattern = json.dumps({"data": {"kind": ["departed"]}})
    mapped(FilterCriteria={"Filters": [{"Pattern": pattern}]})
    kinds = ["scheduled", "departed", "arrived", "departed"]
    put(kinesis, *(("a", json.dumps({"kind": kind})) for kind in kinds))
    until(lambda: len(taken(kinesis)) >= 2, 60)
    assert [json.loads(data)["kind"] for _, data in taken(kinesis)] == ["departed", "departed"]


def test_an_update_delivers_nothing_twice(mapped: Map, kinesis: Any, functions: Any) -> None:
    """While a slow function works at it."""
    uuid = mapped("time.sleep(0.3)", BatchSize=1)
    put(kinesis, *(("a", str(number)) for number in range(20)))
    until(lambda: taken(kinesis), 60)
    functions.update_event_source_mapping(UUID=uuid, BatchSize=5)
    until(lambda: len(taken(kinesis)) >= 20, 60)
    assert [int(data) for _, data in taken(kinesis)] == list(range(20))


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"MaximumRecordAgeInSeconds": 5}, id="age"),
        pytest.param({"ParallelizationFactor": 11}, id="lanes"),
        pytest.param({"StartingPosition": "AT_TIMESTAMP"}, id="no time"),
    ],
)
def test_settings_beyond_aws_s_are_refused(mapped: Map, settings: dict[str, Any]) -> None:
    """When the mapping is made."""
    with pytest.raises(ClientError, match="InvalidParameterValueException"):
        mapped(**settings)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"TumblingWindowInSeconds": 60, "ParallelizationFactor": 2}, "TumblingWindowInSeconds"),
        ({"ProvisionedPollerConfig": {"MinimumPollers": 1}}, "ProvisionedPollerConfig"),
    ],
)
def test_what_is_not_honoured_is_refused_by_name(mapped: Map, settings: dict[str, Any], name: str) -> None:
    """And not accepted and ignored."""
    with pytest.raises(ClientError, match=f"does not support {name}"):
        mapped(**settings)


def test_a_stream_made_anew_begins_at_the_starting_position(mapped: Map, kinesis: Any) -> None:
    """What the stream that had its name left behind is forgotten."""
    mapped()
    put(kinesis, ("a", "old"))
    until(lambda: taken(kinesis), 60)
    kinesis.delete_stream(StreamName=STREAM)
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    put(kinesis, *(("a", str(number)) for number in range(5)))
    until(lambda: len(taken(kinesis)) >= 6, 60)
    assert of_key(taken(kinesis), "a") == ["old", "0", "1", "2", "3", "4"]


def test_a_paused_mapping_can_be_deleted(mapped: Map, functions: Any) -> None:
    """It is gone, and another may be made."""
    uuid = mapped()
    functions.update_event_source_mapping(UUID=uuid, Enabled=False)
    wait_for(functions, uuid, "Disabled")
    functions.delete_event_source_mapping(UUID=uuid)
    until(lambda: uuid not in listed(functions), 30)


def listed(functions: Any) -> list[str]:
    """Return the mappings that there are."""
    return [each["UUID"] for each in functions.list_event_source_mappings()["EventSourceMappings"]]


CHANGES = """
import boto3, json
kinesis = boto3.client("kinesis")
def handler(event, context):
    changes = [[each["eventName"], each["dynamodb"]["Keys"]["id"]["S"]] for each in event["Records"]]
    assert ["INSERT", "poison"] not in changes
    kinesis.put_record(StreamName="seen-by-functions", Data=json.dumps({"taken": changes}), PartitionKey="a")
"""


def test_a_table_s_changes_are_delivered(
    functions: Any, deploy: Deploy, kinesis: Any, world: Settings
) -> None:
    """By a DynamoDB stream, with the same rules: the poison is given up alone."""
    dynamodb, sqs = client(world, "dynamodb"), client(world, "sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    table = dynamodb.create_table(
        TableName="changes",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )["TableDescription"]
    for name in ("a", "poison", "b"):
        dynamodb.put_item(TableName="changes", Item={"id": {"S": name}})
    dynamodb.delete_item(TableName="changes", Key={"id": {"S": "a"}})
    functions.create_event_source_mapping(
        FunctionName=deploy(CHANGES),
        EventSourceArn=table["LatestStreamArn"],
        StartingPosition="TRIM_HORIZON",
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    expected = [["INSERT", "a"], ["INSERT", "b"], ["REMOVE", "a"]]
    until(lambda: len(taken(kinesis)) >= 3, 60)
    assert taken(kinesis) == expected
    message = until(lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages"), 30)[0]
    assert json.loads(message["Body"])["DDBStreamBatchInfo"]["batchSize"] == 1
    dynamodb.delete_table(TableName="changes")
