"""A local stack for tests: one a session, on free ports and in a folder of its own."""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from app import wiring
from app.stack.settings import StandSettings
from app.stack.stack import Stack
from runtime.settings import Settings
from tests.support.functions import client

_NUMBERS = count(1)
_TABLES = """
    select table_schema, table_name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('information_schema', 'pg_catalog')
"""


def free_port() -> int:
    """Return a port that nobody has at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def stand(tmp_path_factory: pytest.TempPathFactory) -> StandSettings:
    """Give the session ports and a folder of its own; Spark's jars are the project's."""
    home = tmp_path_factory.mktemp("stand")
    (home / "jars").symlink_to(Path(".millrace/jars").absolute())
    return StandSettings(home, free_port(), free_port(), warehouse_wire_port=free_port())


@pytest.fixture(scope="session")
def stack(stand: StandSettings) -> Iterator[Stack]:
    """Start LocalStack and the warehouse once, and point AWS clients to them."""
    patch = pytest.MonkeyPatch()
    for name in list(os.environ):
        if name.startswith("AWS_") and name != "AWS_CA_BUNDLE":
            patch.delenv(name)
    patch.setenv("MILLRACE_HOME", str(stand.home))
    patch.setenv("MILLRACE_PORT", str(stand.port))
    patch.setenv("MILLRACE_WAREHOUSE_PORT", str(stand.warehouse_port))
    patch.setenv("MILLRACE_WAREHOUSE_WIRE_PORT", str(stand.warehouse_wire_port))
    patch.setenv("AWS_ENDPOINT_URL", stand.endpoint_url)
    patch.setenv("DEFAULT_REGION", "us-east-1")
    patch.setenv("MILLRACE_METRICS_PORT", "0")  # several streams run beside each other
    patch.setenv("LAMBDA_RETRY_BASE_DELAY", "1")  # AWS's minute before an asynchronous retry, in seconds
    stack = Stack(stand)
    stack.up()
    yield stack
    stack.down()
    patch.undo()


@pytest.fixture
def world(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Give a test an empty world on the session's stack, without streams, tables and functions of others."""
    assert stack.servers
    number = next(_NUMBERS)
    monkeypatch.setenv("MILLRACE_LAKE", f"lake-{number}")
    for name in ("CHECKPOINTS", "BOARD", "COUNTERS", "ALERTS"):
        monkeypatch.setenv(f"MILLRACE_{name}", f"{name.lower()}-{number}")
    settings = Settings.from_env()
    kinesis = client(settings, "kinesis")
    for name in kinesis.list_streams()["StreamNames"]:
        kinesis.delete_stream(StreamName=name, EnforceConsumerDeletion=True)
    warehouse = wiring.warehouse(settings)
    for schema, table in warehouse.query(_TABLES).rows:
        warehouse.query(f"drop table if exists {schema}.{table} cascade")
    yield settings
    _remove_functions(settings)


def _remove_functions(settings: Settings) -> None:
    """Remove the application's functions, and all that invokes them or takes their letters."""
    functions, events, sqs = (client(settings, name) for name in ("lambda", "events", "sqs"))
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        with suppress(functions.exceptions.ClientError):  # it is being deleted
            functions.delete_event_source_mapping(UUID=mapping["UUID"])
    for function in functions.list_functions()["Functions"]:
        name = function["FunctionName"]
        with suppress(events.exceptions.ResourceNotFoundException):
            events.remove_targets(Rule=name, Ids=[name])
            events.delete_rule(Name=name)
        with suppress(sqs.exceptions.QueueDoesNotExist):
            sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=f"{name}-dead-letters")["QueueUrl"])
        with suppress(functions.exceptions.ClientError):  # of one that could not be made there is no version
            functions.delete_function(FunctionName=name)
