"""Event source mappings: failures as AWS has them, order by key, nothing lost."""

import json
import time
from math import log2
from typing import Any

import pytest

from runtime.settings import Settings
from tests.support.functions import Deploy, client
from tests.support.mapping import FLAGS, QUEUE, STREAM, Map, of_key, put, taken, told
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(180)


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
