"""How the Data API is used in tests."""

from time import monotonic, sleep
from typing import Any

import pytest

from warehouse.redshift.data_api.operations import DataApi

TARGET = {"ClusterIdentifier": "millrace", "Database": "dev", "DbUser": "awsuser"}
UNKNOWN = "00000000-0000-4000-8000-000000000000"
"""An identifier that nothing has."""


class HandClock:
    """A clock that tests move."""

    def __init__(self) -> None:
        """Begin in 2020."""
        self.now = 1_600_000_000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def finish(api: DataApi, identifier: str) -> dict[str, Any]:
    """Wait for a statement and return its description."""
    for _ in range(2):
        description = api.call("DescribeStatement", {"Id": identifier, "WaitTimeSeconds": 20})
        if description["Status"] in {"FINISHED", "FAILED", "ABORTED"}:
            return description
    pytest.fail("the statement did not end")


def execute(api: DataApi, sql: str, **more: Any) -> dict[str, Any]:
    """Run one statement to its end and return its description."""
    return finish(api, api.call("ExecuteStatement", TARGET | {"Sql": sql} | more)["Id"])


def batch(api: DataApi, *sqls: str, **more: Any) -> dict[str, Any]:
    """Run a batch to its end and return its description."""
    return finish(api, api.call("BatchExecuteStatement", TARGET | {"Sqls": list(sqls)} | more)["Id"])


def rows(api: DataApi, sql: str, **more: Any) -> list[Any]:
    """Run a query and return its rows, each a list of what stands in its cells."""
    description = execute(api, sql, **more)
    assert description["Status"] == "FINISHED", description.get("Error")
    records = api.call("GetStatementResult", {"Id": description["Id"]})["Records"]
    return [[next(iter(cell.values())) for cell in record] for record in records]


def reaches(api: DataApi, identifier: str, status: str) -> None:
    """Wait until a statement stands so."""
    deadline = monotonic() + 20
    while api.call("DescribeStatement", {"Id": identifier})["Status"] != status:
        assert monotonic() < deadline
        sleep(0.005)
