"""CancelStatement: what waits or runs ends as ABORTED, and keeps nothing."""

import threading
from typing import Any

import pytest

from tests.unit.warehouse.redshift.data_api.support import TARGET, batch, execute, finish, reaches, rows
from tests.unit.warehouse.redshift.twin import COPY, MemoryS3
from warehouse.redshift.data_api.errors import DataApiError
from warehouse.redshift.data_api.operations import DataApi
from warehouse.redshift.data_api.statement import Statement
from warehouse.redshift.data_api.workers import WORKERS
from warehouse.redshift.engine import Engine

ENDLESS = "select count(*) from big a, big b, big c, big d where a.a + b.a + c.a + d.a = 1"


@pytest.fixture
def big(engine: Engine) -> None:
    """Make a table whose join with itself does not end."""
    values = ", ".join(f"({number})" for number in range(2_000))
    insert = f"insert into big values {values}"  # noqa: S608  # numbers
    engine.execute(["create table big (a integer)", insert])


def submit(api: DataApi, *sqls: str, **more: Any) -> str:
    """Send a batch and return its identifier."""
    answer = api.call("BatchExecuteStatement", TARGET | {"Sqls": list(sqls)} | more)
    return str(answer["Id"])


@pytest.mark.usefixtures("big")
def test_a_statement_that_runs_is_cancelled(api: DataApi, events: list[Statement]) -> None:
    """The batch is rolled back, and the event says ABORTED."""
    execute(api, "create table t (a integer)")
    identifier = submit(api, "insert into t values (1)", ENDLESS, "select 1", WithEvent=True)
    reaches(api, f"{identifier}:2", "STARTED")
    assert api.call("CancelStatement", {"Id": identifier}) == {"Status": True}
    done = finish(api, identifier)
    assert (done["Status"], done["Error"]) == ("ABORTED", "ERROR: canceling statement due to user's request")
    assert [part["Status"] for part in done["SubStatements"]] == ["FINISHED", "ABORTED", "ABORTED"]
    assert rows(api, "select count(*) from t") == [[0]]
    api.close()
    assert [each.status for each in events] == ["ABORTED"]


@pytest.mark.usefixtures("big")
def test_what_comes_after_a_cancelled_statement_does_not_run(api: DataApi) -> None:
    """Where each statement commits, those before have."""
    sqls = ("create table t (a integer)", ENDLESS, "insert into t values (1)")
    identifier = submit(api, *sqls, ExecutionMode="AUTO_COMMIT")
    reaches(api, f"{identifier}:2", "STARTED")
    api.call("CancelStatement", {"Id": identifier})
    parts = finish(api, identifier)["SubStatements"]
    assert [part["Status"] for part in parts] == ["FINISHED", "ABORTED", "ABORTED"]
    assert rows(api, "select count(*) from t") == [[0]]


def test_a_statement_that_waits_for_a_lock_is_cancelled(api: DataApi, engine: Engine) -> None:
    """It never gets the table."""
    execute(api, "create table t (a integer)")
    holder = engine.session("")
    holder.run(["begin", "lock t"])
    identifier = submit(api, "lock t", "insert into t values (1)")
    reaches(api, identifier, "PICKED")
    api.call("CancelStatement", {"Id": identifier})
    assert finish(api, identifier)["Status"] == "ABORTED"
    holder.close()
    assert batch(api, "lock t", "select count(*) from t")["Status"] == "FINISHED"
    assert rows(api, "select count(*) from t") == [[0]]


def test_a_statement_that_waits_for_a_worker_is_cancelled(
    api: DataApi, engine: Engine, events: list[Statement]
) -> None:
    """At once; the others go on."""
    execute(api, "create table t (a integer)")
    holder = engine.session("")
    holder.run(["begin", "lock t"])
    running = [submit(api, "lock t", "insert into t values (1)") for _ in range(WORKERS)]
    for identifier in running:
        reaches(api, identifier, "PICKED")
    waiting = submit(api, "insert into t values (2)", WithEvent=True)
    api.call("CancelStatement", {"Id": waiting})
    described = api.call("DescribeStatement", {"Id": waiting})
    assert (described["Status"], described["RedshiftPid"]) == ("ABORTED", 0)
    assert [part["Status"] for part in described["SubStatements"]] == ["ABORTED"]
    holder.close()
    assert [finish(api, identifier)["Status"] for identifier in running] == ["FINISHED"] * WORKERS
    assert rows(api, "select a from t") == [[1]] * WORKERS
    api.close()
    assert [each.identifier for each in events] == [waiting]


def test_a_copy_that_waits_for_s3_commits_nothing_after_a_cancel(
    api: DataApi, s3: MemoryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends when S3 answers: DuckDB had nothing to interrupt."""
    s3.put_manifest(s3.put_rows("s3://lake/1", {"x": [1, 2, 3]}))
    execute(api, "create table t (a integer)")
    is_asked, may_answer, get_object = threading.Event(), threading.Event(), s3.get_object

    def slow(**wanted: Any) -> Any:
        is_asked.set()
        assert may_answer.wait(20)
        return get_object(**wanted)

    monkeypatch.setattr(s3, "get_object", slow)
    identifier = api.call("ExecuteStatement", TARGET | {"Sql": COPY})["Id"]
    assert is_asked.wait(20)
    assert api.call("CancelStatement", {"Id": identifier}) == {"Status": True}
    assert api.call("DescribeStatement", {"Id": identifier})["Status"] == "STARTED"
    may_answer.set()
    assert finish(api, identifier)["Status"] == "ABORTED"
    assert rows(api, "select count(*) from t") == [[0]]


def test_what_has_ended_cannot_be_cancelled(api: DataApi) -> None:
    """In AWS's words, which clients such as Grafana look for."""
    for sql, status in (("select 1", "FINISHED"), ("select * from nowhere", "FAILED")):
        identifier = execute(api, sql)["Id"]
        told = f"Could not cancel a query that is already in {status} state with ID: {identifier}"
        with pytest.raises(DataApiError, match=told) as caught:
            api.call("CancelStatement", {"Id": identifier})
        assert caught.value.code == "ValidationException"


@pytest.mark.usefixtures("big")
def test_a_session_goes_on_after_a_cancel(api: DataApi) -> None:
    """Its transaction has failed, as after any error, and waits for its ROLLBACK."""
    session = execute(api, "begin", SessionKeepAliveSeconds=60)["SessionId"]
    identifier = api.call("ExecuteStatement", {"Sql": ENDLESS, "SessionId": session})["Id"]
    reaches(api, identifier, "STARTED")
    api.call("CancelStatement", {"Id": identifier})
    assert finish(api, identifier)["Status"] == "ABORTED"

    def run(sql: str) -> dict[str, Any]:
        return finish(api, api.call("ExecuteStatement", {"Sql": sql, "SessionId": session})["Id"])

    assert "current transaction is aborted" in run("select 1")["Error"]
    assert run("rollback")["Status"] == run("select 1")["Status"] == "FINISHED"
