"""The warehouse's process: through LocalStack with boto3, and on its own: killed, stopped, refused."""

import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Self
from uuid import uuid4

import localstack_client.session
import pyarrow as pa
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from pyarrow import parquet

from app.stack.stack import Stack
from tests.support.stack import free_port

pytestmark = pytest.mark.timeout(180)

ROOT = Path(__file__).parents[2]
MANIFEST = "/lake/m"
TARGET = {"ClusterIdentifier": "millrace", "Database": "dev", "DbUser": "awsuser"}


class Process:
    """A warehouse of its own, spoken to in the Data API's protocol."""

    def __init__(self, home: Path, port: int, endpoint_url: str = "http://127.0.0.1:9") -> None:
        """Start it and wait until it answers."""
        self.home = home
        self.port = port
        self.process = start(home, port, endpoint_url)
        deadline = monotonic() + 60
        while not self._is_ready():
            assert monotonic() < deadline
            assert self.process.poll() is None
            sleep(0.05)

    def __enter__(self) -> Self:
        """Give it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing running, whatever the test found."""
        if self.process.poll() is None:
            self.end(signal.SIGKILL)

    def _is_ready(self) -> bool:
        try:
            return self.ask("GET", "/health")[0] == 200
        except OSError:
            return False

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, Any]]:
        """Send one request and return status and JSON of its answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        told: dict[str, Any] = json.loads(answer.read())
        connection.close()
        return answer.status, told

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """Call one operation and return its answer, an error's too."""
        headers = {"X-Amz-Target": f"RedshiftData.{operation}"}
        target = TARGET if operation.endswith("ExecuteStatement") else {}
        return self.ask("POST", "/", json.dumps(target | request).encode(), **headers)[1]

    def finish(self, identifier: str) -> dict[str, Any]:
        """Wait for a statement and return its description."""
        while (told := self.call("DescribeStatement", Id=identifier))["Status"] not in {"FINISHED", "FAILED"}:
            sleep(0.02)
        return told

    def batch(self, *sqls: str) -> dict[str, Any]:
        """Run a batch to its end."""
        return self.finish(self.call("BatchExecuteStatement", Sqls=sqls)["Id"])

    def rows(self, sql: str) -> list[Any]:
        """Return the rows of a query."""
        statement = self.finish(self.call("ExecuteStatement", Sql=sql)["Id"])
        return list(self.call("GetStatementResult", Id=statement["Id"])["Records"])

    def end(self, with_signal: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(with_signal)
        code = self.process.wait(30)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code


class SilentS3(BaseHTTPRequestHandler):
    """An S3 that hears a request for `MANIFEST` and does not answer until it is told to; errors to all."""

    is_asked = threading.Event()
    may_answer = threading.Event()

    def do_GET(self) -> None:
        """Hear; a warehouse that starts lists its snapshots, which is not what a test waits for."""
        if self.path == MANIFEST:
            self.is_asked.set()
            self.may_answer.wait(30)
        self.send_error(403)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def silent_s3() -> Iterator[str]:
    """Give the URL of an S3 that does not answer."""
    SilentS3.is_asked.clear()
    SilentS3.may_answer.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), SilentS3)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    SilentS3.may_answer.set()
    server.shutdown()
    server.server_close()


def start(home: Path, port: int, endpoint_url: str) -> subprocess.Popen[str]:
    """Start a warehouse."""
    ports = ["--port", str(port), "--wire-port", str(free_port())]
    command = [sys.executable, "-m", "warehouse.redshift", "--home", str(home), *ports]
    environment = os.environ | {"AWS_ENDPOINT_URL": endpoint_url}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


def refused(home: Path, port: int, endpoint_url: str = "http://127.0.0.1:9") -> str:
    """Start a warehouse that cannot be, and return the one line that it says."""
    with start(home, port, endpoint_url) as process:
        _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert len(told.splitlines()) == 1, told
    return str(told)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Give a warehouse that runs on its own."""
    with Process(tmp_path_factory.mktemp("alone"), free_port()) as process:
        yield process
        assert process.end(signal.SIGTERM) == 0


def finish(api: Any, identifier: str) -> dict[str, Any]:
    """Wait for a statement and return its description."""
    while True:
        told: dict[str, Any] = api.describe_statement(Id=identifier)
        if told["Status"] in {"FINISHED", "FAILED", "ABORTED"}:
            return told
        sleep(0.02)


def test_boto3_loads_a_manifest_through_localstack(stack: Stack) -> None:
    """One batch: LOCK, a temporary stage, COPY, MERGE; then the rows, typed, in pages that boto3 turns."""
    assert stack.servers
    session: Any = localstack_client.session.Session()
    s3, api = session.client("s3"), session.client("redshift-data")
    bucket, table = f"copy-{uuid4().hex[:8]}", f"t_{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    entries = []
    for number in range(3):
        sink = io.BytesIO()
        parquet.write_table(pa.table({"a": [number], "b": [f"file {number}"]}), sink)
        s3.put_object(Bucket=bucket, Key=f"{number}.parquet", Body=sink.getvalue())
        meta = {"content_length": len(sink.getvalue())}
        entries.append({"url": f"s3://{bucket}/{number}.parquet", "mandatory": True, "meta": meta})
    s3.put_object(Bucket=bucket, Key="manifest", Body=json.dumps({"entries": entries}).encode())
    create = f"create table {table} (a integer distkey, b varchar(16)) sortkey (a)"
    finish(api, api.execute_statement(Sql=create, **TARGET)["Id"])
    merge = (
        f"merge into {table} using stage on {table}.a = stage.a when matched then update set b = stage.b "  # noqa: S608  # a name of ours
        "when not matched then insert (a, b) values (stage.a, stage.b)"
    )
    load = [
        f"lock {table}",
        f"create temp table stage (like {table})",
        f"copy stage from 's3://{bucket}/manifest' iam_role default manifest format as parquet",
        merge,
    ]
    for _ in range(2):
        told = finish(api, api.batch_execute_statement(Sqls=load, **TARGET)["Id"])
        assert told["Status"] == "FINISHED", told.get("Error")
        assert [part["ResultRows"] for part in told["SubStatements"]] == [0, 0, 3, 3]
        assert told["UpdatedAt"] >= told["CreatedAt"]
    parameters = [{"name": "least", "value": "1"}]
    select = f"select a, b from {table} where a >= :least order by a"  # noqa: S608  # a name of ours
    identifier = api.execute_statement(Sql=select, Parameters=parameters, **TARGET)["Id"]
    assert finish(api, identifier)["QueryParameters"] == parameters
    pages = list(api.get_paginator("get_statement_result").paginate(Id=identifier))
    assert [record for page in pages for record in page["Records"]] == [
        [{"longValue": 1}, {"stringValue": "file 1"}],
        [{"longValue": 2}, {"stringValue": "file 2"}],
    ]
    s3.delete_object(Bucket=bucket, Key="1.parquet")
    told = finish(api, api.batch_execute_statement(Sqls=load, **TARGET)["Id"])
    assert told["Status"] == "FAILED"
    assert f"s3://{bucket}/1.parquet`: cannot be read" in told["Error"]
    assert [part["Status"] for part in told["SubStatements"]] == ["FINISHED", "FINISHED", "FAILED", "ABORTED"]
    finish(api, api.execute_statement(Sql=f"drop table {table}", **TARGET)["Id"])


def test_errors_pass_through_localstack_with_their_codes(stack: Stack) -> None:
    """As botocore knows them; a member that is not supported is refused by its name."""
    assert stack.servers
    session: Any = localstack_client.session.Session()
    api = session.client("redshift-data")
    with pytest.raises(api.exceptions.ResourceNotFoundException, match="does not exist"):
        api.describe_statement(Id=str(uuid4()))
    with pytest.raises(api.exceptions.ValidationException, match="ClusterIdentifier `other` is not there"):
        api.execute_statement(Sql="select 1", ClusterIdentifier="other", Database="dev")
    with pytest.raises(ClientError, match="WorkgroupName is not supported by this warehouse") as caught:
        api.list_schemas(WorkgroupName="wg1", Database="dev")
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_boto3_keeps_a_session_through_localstack(stack: Stack) -> None:
    """With operations and members that are newer than LocalStack's own model of the API; and CSV."""
    assert stack.servers
    session: Any = localstack_client.session.Session()
    api = session.client("redshift-data")
    create = "create temp table mine as select 7 as a"
    told = api.execute_statement(Sql=create, SessionKeepAliveSeconds=60, WaitTimeSeconds=20, **TARGET)
    assert told["Status"] == "FINISHED"
    own = {"SessionId": told["SessionId"]}
    (listed,) = api.list_sessions(**own)["Sessions"]
    assert (listed["Status"], listed["DbUser"]) == ("AVAILABLE", "awsuser")
    sqls = ["select a from mine where a = :a", "select * from nowhere"]
    parameters = [{"name": "a", "value": "7"}]
    asked = {"Sqls": sqls, "Parameters": parameters, "ExecutionMode": "AUTO_COMMIT", "ResultFormat": "CSV"}
    told = api.batch_execute_statement(WaitTimeSeconds=20, **asked, **own)
    assert (told["Status"], told["HasResultSet"]) == ("FAILED", True)
    result = api.get_statement_result_v2(Id=f"{told['Id']}:1")
    assert result["Records"] == [{"CSVRecords": "7\n"}]
    api.execute_statement(Sql="select 1", SessionKeepAliveSeconds=0, WaitTimeSeconds=20, **own)
    with pytest.raises(api.exceptions.ValidationException, match="Session is not available; it is CLOSED"):
        api.execute_statement(Sql="select 1", **own)


def test_event_bridge_tells_a_queue_that_a_statement_has_ended(stack: Stack) -> None:
    """AWS, "Monitoring events for the Amazon Redshift Data API in Amazon EventBridge"."""
    assert stack.servers
    session: Any = localstack_client.session.Session()
    api, events, queues = (session.client(name) for name in ("redshift-data", "events", "sqs"))
    name = f"ended-{uuid4().hex[:8]}"
    queue = queues.create_queue(QueueName=name)["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["aws.redshift-data"], "detail": {"statementName": [name]}}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn}])
    sql = "select 1 as a union all select 2"
    identifier = api.execute_statement(Sql=sql, StatementName=name, WithEvent=True, **TARGET)["Id"]
    (message,) = queues.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    event = json.loads(message["Body"])
    assert (event["detail-type"], event["detail"]["statementId"]) == (
        "Redshift Data Statement Status Change",
        identifier,
    )
    assert (event["detail"]["state"], event["detail"]["rows"]) == ("FINISHED", 2)
    events.remove_targets(Rule=name, Ids=["1"])
    events.delete_rule(Name=name)
    queues.delete_queue(QueueUrl=queue)


def test_a_warehouse_that_does_not_run_is_told_through_localstack(stack: Stack) -> None:
    """At once and with its URL; when it runs again the same client goes on, and its rows are there."""
    session: Any = localstack_client.session.Session()
    api = session.client("redshift-data", config=Config(retries={"total_max_attempts": 1}))
    table = f"t_{uuid4().hex[:8]}"
    finish(api, api.execute_statement(Sql=f"create table {table} as select 7 as a", **TARGET)["Id"])
    server = next(each for each in stack.servers if each.name == "warehouse")
    assert server.stop()
    try:
        with pytest.raises(
            ClientError, match=r"the warehouse does not answer at http://127\.0\.0\.1"
        ) as caught:
            api.execute_statement(Sql="select 1", **TARGET)
    finally:
        stack.up()
    assert caught.value.response["Error"]["Code"] == "InternalServerException"
    identifier = api.execute_statement(Sql=f"select a from {table}", **TARGET)["Id"]  # noqa: S608  # ours
    assert finish(api, identifier)["Status"] == "FINISHED"
    assert api.get_statement_result(Id=identifier)["Records"] == [[{"longValue": 7}]]
    finish(api, api.execute_statement(Sql=f"drop table {table}", **TARGET)["Id"])


def test_a_warehouse_that_is_killed_in_a_transaction_has_nothing_of_it(
    tmp_path: Path, silent_s3: str
) -> None:
    """SIGKILL while a batch waits for the file that it copies; what was committed before is there."""
    port = free_port()
    with Process(tmp_path, port, silent_s3) as killed:
        assert killed.batch("create table t (a integer)", "insert into t values (1)")["Status"] == "FINISHED"
        copy = "copy t from 's3://lake/m' iam_role default manifest format as parquet"
        batch = ["lock t", "insert into t values (2)", "create table u (a integer)", copy]
        identifier = killed.call("BatchExecuteStatement", Sqls=batch)["Id"]
        assert SilentS3.is_asked.wait(30)
        assert killed.call("DescribeStatement", Id=identifier)["Status"] == "STARTED"
        assert killed.end(signal.SIGKILL) == -signal.SIGKILL
    with Process(tmp_path, port) as again:
        assert again.call("DescribeStatement", Id=identifier)["__type"] == "ResourceNotFoundException"
        assert again.rows("select a from t") == [[{"longValue": 1}]]
        assert again.rows("select count(*) from pg_tables where tablename = 'u'") == [[{"longValue": 0}]]
        assert again.batch("lock t", "insert into t values (3)")["Status"] == "FINISHED"
        assert again.end(signal.SIGTERM) == 0


def test_a_warehouse_that_is_stopped_lets_its_statements_end(tmp_path: Path, silent_s3: str) -> None:
    """SIGTERM, and then the answer that a statement waits for: exit code 0, and its file is whole."""
    port = free_port()
    with Process(tmp_path, port, silent_s3) as stopped:
        stopped.batch("create table t (a integer)", "insert into t values (1)")
        stopped.call("ExecuteStatement", Sql="copy t from 's3://lake/m' manifest format parquet")
        assert SilentS3.is_asked.wait(30)
        stopped.process.send_signal(signal.SIGTERM)
        SilentS3.may_answer.set()
        assert stopped.end(signal.SIGTERM) == 0
    assert not (tmp_path / "warehouse.duckdb.wal").exists()
    with Process(tmp_path, port) as again:
        ((reason,),) = again.rows("select err_reason from stl_load_errors")
        assert "cannot be read" in reason["stringValue"]
        assert again.end(signal.SIGTERM) == 0


def test_two_loads_that_lock_run_one_after_the_other(alone: Process) -> None:
    """Each takes what the ledger lacks and writes it down, with temporary tables of the same name."""
    alone.batch("create table ledger (b integer)", "create table t (b integer)")
    load = [
        "lock ledger",
        "create temp table stage as select 1 as b union all select 2",
        "delete from stage where b in (select b from ledger)",
        "insert into t select b from stage",
        "insert into ledger select b from stage",
    ]
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: alone.batch(*load)["Status"], range(8)))
    assert done == ["FINISHED"] * 8
    assert alone.rows("select b from t order by b") == [[{"longValue": 1}], [{"longValue": 2}]]


@pytest.mark.parametrize(
    ("body", "target", "status", "told"),
    [
        pytest.param(b"{}", "", 400, "X-Amz-Target must name an operation", id="no target"),
        pytest.param(
            b"{}", "Kinesis_20131202.PutRecord", 400, "X-Amz-Target must name", id="another service"
        ),
        pytest.param(b"{", "RedshiftData.DescribeStatement", 400, "is no JSON", id="no JSON"),
        pytest.param(b"[]", "RedshiftData.DescribeStatement", 400, "no JSON object", id="no object"),
        pytest.param(b"{}", "RedshiftData.CreateModel", 400, "`CreateModel` is not", id="not there"),
        pytest.param(b"[" * 200_000, "RedshiftData.CancelStatement", 400, "is no JSON", id="depth"),
        pytest.param(b'{"Id": [7]}', "RedshiftData.CancelStatement", 400, "must be a String", id="rubbish"),
        pytest.param(b'{"Id": "\xff"}', "RedshiftData.CancelStatement", 400, "is no JSON", id="no UTF-8"),
    ],
)
def test_a_bad_request_is_answered(alone: Process, body: bytes, target: str, status: int, told: str) -> None:
    """In the protocol's words, and the next one is served."""
    code, answer = alone.ask("POST", "/", body, **{"X-Amz-Target": target})
    assert code == status
    assert told in answer["message"]
    assert answer["__type"].endswith("Exception")
    assert alone.ask("GET", "/health") == (200, {"status": "available"})
    assert alone.ask("GET", "/")[0] == 404


def test_a_warehouse_that_cannot_be_says_why_in_one_line(alone: Process, tmp_path: Path) -> None:
    """A port that is taken, a file that another one has open, an endpoint elsewhere."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        assert f"ports {port} and " in refused(tmp_path / "other", port)
    assert "another warehouse may run, stop it first" in refused(alone.home, free_port())
    told = refused(tmp_path / "third", free_port(), "https://s3.amazonaws.com")
    assert "`AWS_ENDPOINT_URL` must be a loopback address" in told
    assert alone.rows("select 1 as a") == [[{"longValue": 1}]]
