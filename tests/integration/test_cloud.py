"""The local cloud, really started: it answers, it binds loopback alone, and it leaves nothing running."""

import socket
from collections.abc import Iterator
from pathlib import Path

import localstack_client.session
import psutil
import pytest
from mirakuru import HTTPExecutor
from mirakuru.exceptions import AlreadyRunning

from app.stack.cloud import CloudSettings, cloud_process

CLOUD_PYTHON = Path(".millrace/venv/cloud/bin/python")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _pid(process: HTTPExecutor) -> int:
    assert process.process is not None
    return process.process.pid


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> CloudSettings:
    """Give every run a port and a folder of its own."""
    return CloudSettings(CLOUD_PYTHON, tmp_path_factory.mktemp("cloud"), _free_port())


@pytest.fixture(scope="module")
def cloud(settings: CloudSettings) -> Iterator[HTTPExecutor]:
    """One started cloud for the module; afterwards its process is gone."""
    process = cloud_process(settings).start()
    yield process
    pid = _pid(process)
    process.stop()
    assert not psutil.pid_exists(pid)


@pytest.mark.timeout(180)
@pytest.mark.usefixtures("cloud")
def test_a_record_put_is_a_record_read(settings: CloudSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinesis answers through LocalStack's gateway."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", settings.endpoint_url)
    kinesis = localstack_client.session.Session().client("kinesis")
    assert kinesis.meta.endpoint_url == settings.endpoint_url
    kinesis.create_stream(StreamName="flight-events", ShardCount=1)
    kinesis.put_record(StreamName="flight-events", Data=b"one", PartitionKey="N14228")
    shard = kinesis.list_shards(StreamName="flight-events")["Shards"][0]["ShardId"]
    iterator = kinesis.get_shard_iterator(
        StreamName="flight-events", ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = kinesis.get_records(ShardIterator=iterator)["Records"]
    assert [(record["PartitionKey"], record["Data"]) for record in records] == [("N14228", b"one")]


@pytest.mark.timeout(180)
@pytest.mark.usefixtures("cloud")
def test_an_item_put_is_an_item_got(settings: CloudSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB answers too, without the jar that LocalStack's own provider downloads."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", settings.endpoint_url)
    dynamodb = localstack_client.session.Session().client("dynamodb")
    dynamodb.create_table(
        TableName="checkpoints",
        KeySchema=[{"AttributeName": "shard", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "shard", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {"shard": {"S": "shardId-0"}, "epoch": {"N": "1"}}
    dynamodb.put_item(TableName="checkpoints", Item=item)
    assert dynamodb.get_item(TableName="checkpoints", Key={"shard": item["shard"]})["Item"] == item


@pytest.mark.timeout(180)
def test_only_loopback_is_bound(cloud: HTTPExecutor) -> None:
    """Neither the process nor a child of it listens anywhere else."""
    process = psutil.Process(_pid(cloud))
    listening = [
        connection.laddr
        for each in (process, *process.children(recursive=True))
        for connection in each.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert {address.ip for address in listening} == {"127.0.0.1"}


@pytest.mark.timeout(180)
def test_a_taken_port_is_an_error_and_no_hang(cloud: HTTPExecutor, settings: CloudSettings) -> None:
    """A second cloud on the same port does not start."""
    with pytest.raises(AlreadyRunning):
        cloud_process(settings).start()
    assert cloud.running()


def test_an_impossible_port_is_refused(tmp_path: Path) -> None:
    """Before anything is started."""
    with pytest.raises(ValueError, match="`port` must be between 1 and 65535; got `0`"):
        CloudSettings(CLOUD_PYTHON, tmp_path, 0)
