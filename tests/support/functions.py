"""Functions deployed to the local Lambda for a test, and what it takes to call them."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from itertools import count
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from runtime.settings import Settings

ROLE = "arn:aws:iam::000000000000:role/functions"
_NUMBERS = count(1)
type Deploy = Callable[..., str]


def client(world: Settings, service: str) -> Any:
    """Return a client that repeats nothing."""
    return _session().client(
        service,
        endpoint_url=world.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  # a dummy
        config=Config(retries={"total_max_attempts": 1}, max_pool_connections=30),
    )


@cache
def _session() -> Any:
    """Return one session for all clients: each would read its service's model anew, for 50 ms of CPU."""
    return boto3.session.Session()


def zipped(name: str, source: str) -> bytes:
    """Return a zip of one file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, source)
    return file.getvalue()


@pytest.fixture
def functions(world: Settings) -> Any:
    """Lambda."""
    return client(world, "lambda")


@pytest.fixture
def deploy(functions: Any) -> Iterator[Deploy]:
    """Deploy a function's source, wait until it is active, and delete it and its mappings afterwards."""
    names: list[str] = []

    def make(source: str, **settings: Any) -> str:
        names.append(f"f{next(_NUMBERS)}")
        settings = {"Runtime": "python3.13", "Handler": "app.handler", "Timeout": 20} | settings
        functions.create_function(
            FunctionName=names[-1], Role=ROLE, Code={"ZipFile": zipped("app.py", source)}, **settings
        )
        functions.get_waiter("function_active_v2").wait(FunctionName=names[-1], WaiterConfig={"Delay": 1})
        return names[-1]

    yield make
    for name in names:
        for mapping in functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]:
            functions.delete_event_source_mapping(UUID=mapping["UUID"])
        with suppress(ClientError):
            functions.delete_function(FunctionName=name)


def invoke(functions: Any, name: str, event: Any = None, **request: Any) -> Any:
    """Invoke, and return the payload."""
    answer = functions.invoke(FunctionName=name, Payload=json.dumps(event).encode(), **request)
    return json.loads(answer["Payload"].read() or b"null")
