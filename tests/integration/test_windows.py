"""Tumbling windows of event source mappings: the finals hold every record once, across resharding too."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runtime.settings import Settings
from tests.support.functions import Deploy, client
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(180)
STREAM, SEEN = "windowed", "windows-seen"
# The state has all data of its window; a final invocation tells it by a stream. `{body}` comes first.
SOURCE = """
import base64, boto3, json
kinesis = boto3.client("kinesis")
def handler(event, context):
    state, records = event["state"], event["Records"]
    data = [base64.b64decode(each["kinesis"]["data"]).decode() for each in records]
    {body}
    state["data"] = state.get("data", []) + data
    told = dict(event, Records=len(records), state=state["data"])
    kinesis.put_record(StreamName="windows-seen", Data=json.dumps(told), PartitionKey="a")
    return {"state": state}
"""
type Map = Callable[..., str]


@pytest.fixture
def kinesis(world: Settings) -> Any:
    """A stream with windows, and one to tell by."""
    kinesis = client(world, "kinesis")
    for name in (STREAM, SEEN):
        kinesis.create_stream(StreamName=name, ShardCount=1)
    return kinesis


@pytest.fixture
def mapped(functions: Any, deploy: Deploy, kinesis: Any) -> Map:
    """Deploy a function with a body, map the stream to it in windows, and return the mapping's UUID."""
    arn = kinesis.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]["StreamARN"]

    def make(body: str = "pass", **settings: Any) -> str:
        mapping = functions.create_event_source_mapping(
            FunctionName=deploy(SOURCE.replace("{body}", body)),
            EventSourceArn=arn,
            **{"StartingPosition": "TRIM_HORIZON", **settings},
        )
        wait_for(functions, mapping["UUID"], "Enabled")
        return str(mapping["UUID"])

    return make


def wait_for(functions: Any, uuid: str, state: str) -> None:
    """Wait until a mapping is in a state."""
    until(lambda: functions.get_event_source_mapping(UUID=uuid)["State"] == state, 30)


def put(kinesis: Any, *data: str) -> None:
    """Put records under many keys."""
    records = [{"PartitionKey": each, "Data": each.encode()} for each in data]
    assert kinesis.put_records(StreamName=STREAM, Records=records)["FailedRecordCount"] == 0


def told(kinesis: Any) -> list[dict[str, Any]]:
    """Return what invocations told, in the order of their ends."""
    at = kinesis.get_shard_iterator(
        StreamName=SEEN, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    return [json.loads(each["Data"]) for each in kinesis.get_records(ShardIterator=at)["Records"]]


def finals(kinesis: Any) -> list[dict[str, Any]]:
    """Return the final invocations."""
    return [each for each in told(kinesis) if each["isFinalInvokeForWindow"]]


def in_finals(kinesis: Any) -> list[str]:
    """Return all data that final invocations had."""
    return [data for each in finals(kinesis) for data in each["state"]]


def longest_left() -> int:
    """Return a length whose window has minutes to go, so that none ends by the clock in a test."""
    return max((900, 840, 780, 720), key=lambda seconds: seconds - time.time() % seconds)


def test_windows_close_once_across_a_split_and_a_merge(mapped: Map, kinesis: Any) -> None:
    """Each shard's windows, each with its whole state: the sum of all finals is every record, once."""
    mapped(TumblingWindowInSeconds=2, BatchSize=7)
    expected: list[str] = []
    for step in range(3):
        for part in range(5):
            expected += (some := [f"{step}-{part}-{number}" for number in range(20)])
            put(kinesis, *some)
            time.sleep(0.5)  # windows pass: this is what is tested
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
    until(lambda: len(in_finals(kinesis)) >= len(expected), 90)
    assert Counter(in_finals(kinesis)) == Counter(expected)
    closed = Counter((each["shardId"], each["window"]["start"]) for each in finals(kinesis))
    assert set(closed.values()) == {1}
    assert len({shard for shard, _ in closed}) == 4
    assert len(closed) > 4
    assert {each["Records"] for each in finals(kinesis)} == {0}


def test_any_state_of_json_is_carried_on(mapped: Map, kinesis: Any) -> None:
    """Numbers beyond 64 bits, too."""
    mapped(
        "assert not state or state['large'] == 2**70\n    state['large'] = 2**70",
        TumblingWindowInSeconds=2,
        MaximumRetryAttempts=0,
        BatchSize=1,
    )
    put(kinesis, "1", "2", "3")
    until(lambda: {data for each in finals(kinesis) for data in each["state"]} == {"1", "2", "3"}, 60)


def test_a_paused_mapping_resumes_its_window(mapped: Map, kinesis: Any, functions: Any) -> None:
    """With its state; the shard's end closes it."""
    seconds = longest_left()
    uuid = mapped(TumblingWindowInSeconds=seconds)
    put(kinesis, "1", "2", "3")
    until(lambda: sum(each["Records"] for each in told(kinesis)) == 3, 60)
    functions.update_event_source_mapping(UUID=uuid, Enabled=False)
    wait_for(functions, uuid, "Disabled")
    functions.update_event_source_mapping(UUID=uuid, Enabled=True)
    put(kinesis, "4", "5")
    until(lambda: sum(each["Records"] for each in told(kinesis)) == 5, 60)
    assert finals(kinesis) == []
    kinesis.split_shard(
        StreamName=STREAM, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127)
    )
    until(lambda: finals(kinesis), 60)
    (final,) = finals(kinesis)
    assert sorted(final.pop("state")) == ["1", "2", "3", "4", "5"]
    start = int(time.time()) // seconds * seconds
    arn = kinesis.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]["StreamARN"]
    assert final == {
        "Records": 0,
        "window": {"start": rfc_3339(start), "end": rfc_3339(start + seconds)},
        "shardId": "shardId-000000000000",
        "eventSourceARN": arn,
        "isFinalInvokeForWindow": True,
        "isWindowTerminatedEarly": False,
    }


def rfc_3339(seconds: int) -> str:
    """Return a time as the event has it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def test_a_failure_in_a_window_costs_no_state(mapped: Map, kinesis: Any) -> None:
    """A poison record is bisected out of its window; a final invocation that fails comes again."""
    mapped(
        "assert 'poison' not in data\n"
        "    global tried\n"
        "    if event['isFinalInvokeForWindow'] and not globals().get('tried'):\n"
        "        tried = True\n"
        "        return {'nothing': 'about the state'}",
        TumblingWindowInSeconds=longest_left(),
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=1,
    )
    data = [str(number) for number in range(20)]
    put(kinesis, *data[:9], "poison", *data[9:])
    until(lambda: sum(each["Records"] for each in told(kinesis)) >= 20, 60)
    kinesis.split_shard(
        StreamName=STREAM, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127)
    )
    until(lambda: finals(kinesis), 60)
    assert in_finals(kinesis) == data


def test_a_state_beyond_1_mb_ends_its_window_early(mapped: Map, kinesis: Any) -> None:
    """The final invocation has it, and says so; the same window goes on with a fresh one."""
    mapped(
        "state['filling'] = '' if event['isFinalInvokeForWindow'] else 'x' * (len(data) * 600_000)",
        TumblingWindowInSeconds=longest_left(),
        BatchSize=2,
        MaximumBatchingWindowInSeconds=1,
    )
    put(kinesis, "1", "2")
    until(lambda: len(in_finals(kinesis)) == 2, 60)
    put(kinesis, "3")
    until(lambda: sum(each["Records"] for each in told(kinesis)) == 3, 60)
    kinesis.split_shard(
        StreamName=STREAM, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127)
    )
    until(lambda: len(in_finals(kinesis)) == 3, 60)
    assert [(each["state"], each["isWindowTerminatedEarly"]) for each in finals(kinesis)] == [
        (["1", "2"], True),
        (["3"], False),
    ]
    assert len({each["window"]["start"] for each in finals(kinesis)}) == 1


CHANGES = """
import boto3, json
kinesis = boto3.client("kinesis")
def handler(event, context):
    state = event["state"]
    state["data"] = state.get("data", []) + [each["dynamodb"]["Keys"]["id"]["S"] for each in event["Records"]]
    told = dict(event, Records=len(event["Records"]), state=state["data"])
    kinesis.put_record(StreamName="windows-seen", Data=json.dumps(told), PartitionKey="a")
    return {"state": state}
"""


@pytest.fixture
def changes(world: Settings) -> Iterator[str]:
    """A table's stream."""
    dynamodb = client(world, "dynamodb")
    table = dynamodb.create_table(
        TableName="windowed",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )["TableDescription"]
    yield str(table["LatestStreamArn"])
    dynamodb.delete_table(TableName="windowed")


def test_a_table_s_changes_have_windows(
    functions: Any, deploy: Deploy, kinesis: Any, changes: str, world: Settings
) -> None:
    """They end by the clock, though nothing follows."""
    functions.create_event_source_mapping(
        FunctionName=deploy(CHANGES),
        EventSourceArn=changes,
        StartingPosition="TRIM_HORIZON",
        TumblingWindowInSeconds=2,
    )
    for number in range(6):
        client(world, "dynamodb").put_item(TableName="windowed", Item={"id": {"S": str(number)}})
    until(lambda: len(in_finals(kinesis)) >= 6, 60)
    assert sorted(in_finals(kinesis)) == [str(number) for number in range(6)]
