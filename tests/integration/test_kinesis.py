"""Kinesis through LocalStack: the short way, the gateway's own, kills, and bodies that are no requests."""

import gzip
import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
import urllib3
from botocore.config import Config

from app.stack.settings import StandSettings
from app.stack.stack import Stack
from runtime.settings import Settings
from tests.support.kinesis import blob
from tests.support.stack import free_port

pytestmark = pytest.mark.timeout(240)
SIGNATURE = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request, Signature=0"
STREAM = "gateway"


def client(endpoint: str, key: str = "test", region: str = "us-east-1") -> Any:
    """Return boto3's client, which does not retry."""
    config = Config(retries={"total_max_attempts": 1})
    return boto3.client(
        "kinesis",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key="test",  # noqa: S106  # LocalStack's dummy
        config=config,
    )


@pytest.fixture
def kinesis(world: Settings) -> Any:
    """A client, and one stream of two shards."""
    assert world.endpoint_url
    kinesis = client(world.endpoint_url)
    kinesis.create_stream(StreamName=STREAM, ShardCount=2)
    return kinesis


def post(endpoint: str, operation: str, body: bytes, **headers: str) -> urllib3.BaseHTTPResponse:
    """Send a body as it is."""
    sent = {
        "X-Amz-Target": f"Kinesis_20131202.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": SIGNATURE,
    }
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return urllib3.request("POST", endpoint, body=body, headers=sent, timeout=60, retries=False)


def answered(response: urllib3.BaseHTTPResponse) -> tuple[int, dict[str, Any]]:
    """Return status and body."""
    return response.status, json.loads(response.data)


def test_a_compressed_request_goes_the_gateway_s_way(kinesis: Any, world: Settings) -> None:
    """And means the same."""
    body = gzip.compress(json.dumps({"StreamName": STREAM, "Data": blob("x"), "PartitionKey": "a"}).encode())
    status, answer = answered(post(str(world.endpoint_url), "PutRecord", body, Content_Encoding="gzip"))
    assert (status, answer["ShardId"][:8]) == (200, "shardId-")
    assert kinesis.describe_stream_summary(StreamName=STREAM)


def test_cbor_is_answered_as_json_is(kinesis: Any, world: Settings) -> None:
    """Java's SDK speaks it; put by one, a record is read by the other."""
    text = [
        b"\x6aStreamName" + bytes([0x60 + len(STREAM)]) + STREAM.encode(),
        b"\x64Data\x43\x00\xffx",
        b"\x6cPartitionKey\x61a",
    ]
    headers = {"Content_Type": "application/x-amz-cbor-1.1", "Accept": "application/x-amz-cbor-1.1"}
    response = post(str(world.endpoint_url), "PutRecord", b"\xa3" + b"".join(text), **headers)
    assert (response.status, response.headers["Content-Type"]) == (200, "application/x-amz-cbor-1.1")
    shard = response.data[response.data.index(b"shardId-") :][:20].decode()
    iterator = kinesis.get_shard_iterator(StreamName=STREAM, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    records = kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    assert [record["Data"] for record in records] == [b"\x00\xffx"]
    missing = post(str(world.endpoint_url), "DescribeStreamSummary", b"\xa1\x6aStreamName\x61z", **headers)
    assert missing.status == 400
    assert b"ResourceNotFoundException" in missing.data


def test_both_ways_give_the_same_answer(kinesis: Any, world: Settings) -> None:
    """A request without a signature goes the gateway's own way."""
    body = json.dumps({"StreamName": STREAM}).encode()
    short = answered(post(str(world.endpoint_url), "DescribeStream", body))
    headers = {
        "X-Amz-Target": "Kinesis_20131202.DescribeStream",
        "Content-Type": "application/x-amz-json-1.1",
    }
    long = answered(urllib3.request("POST", str(world.endpoint_url), body=body, headers=headers))
    assert short == long
    assert kinesis.list_streams()["StreamNames"] == [STREAM]


def test_account_and_region_come_from_the_signature(kinesis: Any, world: Settings) -> None:
    """A name is free in another account and in another region."""
    assert kinesis.list_streams()["StreamNames"] == [STREAM]
    for other in (
        client(str(world.endpoint_url), "111111111111"),
        client(str(world.endpoint_url), region="eu-west-1"),
    ):
        assert other.list_streams()["StreamNames"] == []


def test_a_body_of_100_mb_is_refused_and_forgotten(kinesis: Any, world: Settings, stack: Stack) -> None:
    """No 500, nothing stored, and the server does not grow by it."""
    cloud = next(each for each in stack.servers if each.name == "cloud").process()
    assert cloud
    body = b'{"StreamName":"gateway","PartitionKey":"a","Data":"' + b"A" * 100_000_000 + b'"}'
    grown = []
    for _ in range(6):
        status, answer = answered(post(str(world.endpoint_url), "PutRecord", body))
        assert (status, answer["__type"]) == (413, "RequestEntityTooLargeException")
        grown.append(cloud.memory_info().rss)
    assert grown[-1] - grown[1] < 50_000_000, "at most the last one lingers"
    assert (
        kinesis.get_records(
            ShardIterator=kinesis.get_shard_iterator(
                StreamName=STREAM, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
        )["Records"]
        == []
    )


@pytest.mark.parametrize(
    ("operation", "body", "code"),
    [
        pytest.param("PutRecord", b"{", "SerializationException", id="no JSON"),
        pytest.param("PutRecord", b"[]", "SerializationException", id="a list"),
        pytest.param("PutRecord", b"null", "SerializationException", id="null"),
        pytest.param("PutRecord", b"\xff\xfe", "SerializationException", id="no UTF-8"),
        pytest.param("PutRecord", b"", "ValidationException", id="nothing"),
        pytest.param(
            "PutRecords", b'{"StreamName":"gateway","Records":7}', "SerializationException", id="number"
        ),
        pytest.param(
            "PutRecords",
            b'{"StreamName":"gateway","Records":[null]}',
            "ValidationException",
            id="null record",
        ),
        pytest.param(
            "PutRecord",
            b'{"StreamName":"gateway","PartitionKey":"a","Data":"%%"}',
            "SerializationException",
            id="no base64",
        ),
        pytest.param("GetRecords", b'{"ShardIterator":"AAAA"}', "InvalidArgumentException", id="iterator"),
        pytest.param("GetRecords", b'{"ShardIterator":"x","Limit":-1}', "ValidationException", id="negative"),
        pytest.param(
            "CreateStream", b'{"StreamName":"../x","ShardCount":1}', "ValidationException", id="name"
        ),
        pytest.param(
            "CreateStream", b'{"StreamName":"x","ShardCount":1e99}', "SerializationException", id="1e99"
        ),
        pytest.param("Fly", b"{}", "UnknownOperationException", id="operation"),
        pytest.param("CreateQueue", b"{}", "UnsupportedOperationException", id="refused"),
    ],
)
def test_a_malformed_request_gets_a_code_and_a_message(
    kinesis: Any, world: Settings, operation: str, body: bytes, code: str
) -> None:
    """Status 400, `__type` and `message`, never a 500."""
    status, answer = answered(post(str(world.endpoint_url), operation, body))
    assert (status, answer["__type"]) == (400, code)
    assert answer["message"]
    assert kinesis.list_streams()["StreamNames"] == [STREAM]


def test_a_subscription_hears_of_a_put_at_once(kinesis: Any) -> None:
    """Through boto3, and without a poll's wait."""
    arn = kinesis.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]["StreamARN"]
    consumer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]["ConsumerARN"]
    stream = kinesis.subscribe_to_shard(
        ConsumerARN=consumer, ShardId="shardId-000000000000", StartingPosition={"Type": "LATEST"}
    )["EventStream"]
    put_at: list[float] = []

    def put() -> None:
        time.sleep(1)  # the subscription waits by then
        put_at.append(time.monotonic())
        kinesis.put_record(StreamName=STREAM, Data=b"x", PartitionKey="a", ExplicitHashKey="0")

    threading.Thread(target=put).start()
    for event in stream:
        if event["SubscribeToShardEvent"]["Records"]:
            break
    assert time.monotonic() - put_at[0] < 1
    stream.close()
    kinesis.deregister_stream_consumer(ConsumerARN=consumer)


def test_streams_and_records_survive_a_kill(tmp_path: Path) -> None:
    """SIGKILL of LocalStack, and up again: every acknowledged record is there, under its own number."""
    own = StandSettings(tmp_path, free_port(), free_port())
    stack = Stack(own)
    try:
        stack.up()
        kinesis = client(own.endpoint_url)
        kinesis.create_stream(StreamName="kept", ShardCount=1)
        put = [
            kinesis.put_record(StreamName="kept", Data=b"%d" % number, PartitionKey="a")["SequenceNumber"]
            for number in range(50)
        ]
        iterator = kinesis.get_shard_iterator(
            StreamName="kept", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        process = next(each for each in stack.servers if each.name == "cloud").process()
        assert process
        process.send_signal(signal.SIGKILL)
        psutil.wait_procs([process], 10)
        stack.up()
        records = client(own.endpoint_url).get_records(ShardIterator=iterator)["Records"]
        assert [record["SequenceNumber"] for record in records] == put
        stack.reset()
        stack.up()
        assert client(own.endpoint_url).list_streams()["StreamNames"] == []
    finally:
        stack.down()


def millrace(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line."""
    command = [sys.executable, "-c", "from app.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=None)


def test_the_command_line_switches_limits_and_faults(world: Settings, kinesis: Any) -> None:
    """At run time, by tags; a switch that means nothing is refused in one line."""
    assert world.region

    def tags() -> dict[str, str]:
        return {
            each["Key"]: each["Value"] for each in kinesis.list_tags_for_stream(StreamName=STREAM)["Tags"]
        }

    assert "on" in millrace("kinesis", "limits", "on").stdout
    assert tags() == {"millrace:limits": "on"}
    records = [{"Data": b"x", "PartitionKey": "a"}] * 500
    assert (
        sum(kinesis.put_records(StreamName=STREAM, Records=records)["FailedRecordCount"] for _ in range(4))
        > 0
    )
    millrace("kinesis", "limits", "off")
    millrace("kinesis", "faults", "--error-rate", "1", "--seed", "3", "--stream", STREAM)
    assert tags() == {"millrace:limits": "off", "millrace:error-rate": "1.0", "millrace:seed": "3"}
    assert kinesis.put_records(StreamName=STREAM, Records=records)["FailedRecordCount"] == 500
    millrace("kinesis", "faults", "--off")
    assert kinesis.put_records(StreamName=STREAM, Records=records)["FailedRecordCount"] == 0
    refused = millrace("kinesis", "faults", "--error-rate", "2")
    assert (refused.returncode, "from 0 to 1; got `2.0`" in refused.stderr) == (1, True)
    assert millrace("kinesis", "limits", "maybe").returncode == 2
