"""Statements and batches: asynchronous, described, run once for a token, refused with AWS's codes."""

from typing import Any

import pytest

from tests.unit.warehouse.redshift.data_api.support import (
    TARGET,
    UNKNOWN,
    batch,
    execute,
    finish,
    rows,
)
from tests.unit.warehouse.redshift.twin import COPY, MemoryS3
from warehouse.redshift.data_api.errors import DataApiError
from warehouse.redshift.data_api.operations import MOST_WAITING, DataApi
from warehouse.redshift.data_api.requests import LARGEST_SQL
from warehouse.redshift.data_api.statement import Statement
from warehouse.redshift.engine import Engine


def test_a_statement_tells_what_it_was_and_what_came_of_it(api: DataApi) -> None:
    """AWS, "DescribeStatement"."""
    answer = api.call("ExecuteStatement", TARGET | {"Sql": "select 1 as a union all select 2"})
    assert {name: answer[name] for name in TARGET} == TARGET
    description = finish(api, answer["Id"])
    assert description["Id"] == answer["Id"]
    assert (description["Status"], description["HasResultSet"], description["ResultRows"]) == (
        "FINISHED",
        True,
        2,
    )
    assert description["QueryString"] == "select 1 as a union all select 2"
    assert description["Duration"] > 0
    assert description["CreatedAt"] <= description["UpdatedAt"]
    assert "Error" not in description
    assert "SubStatements" not in description


def test_a_batch_is_described_by_its_statements(api: DataApi) -> None:
    """Their identifiers are the batch's with a number, from 1; by them results are read."""
    description = batch(api, "create table t (a integer)", "insert into t values (1), (2)", "select a from t")
    assert (description["Status"], description["HasResultSet"]) == ("FINISHED", True)
    parts = description["SubStatements"]
    assert [part["Id"] for part in parts] == [f"{description['Id']}:{number}" for number in (1, 2, 3)]
    assert [(part["Status"], part["HasResultSet"], part["ResultRows"]) for part in parts] == [
        ("FINISHED", False, 0),
        ("FINISHED", False, 2),
        ("FINISHED", True, 2),
    ]
    assert api.call("DescribeStatement", {"Id": parts[1]["Id"]}) == parts[1]
    assert api.call("GetStatementResult", {"Id": parts[2]["Id"]})["TotalNumRows"] == 2
    with pytest.raises(DataApiError, match="Query does not have result"):
        api.call("GetStatementResult", {"Id": parts[1]["Id"]})


def test_a_batch_that_fails_says_where_and_keeps_nothing(api: DataApi) -> None:
    """The statements before it had run, those after it never began, and all is rolled back."""
    execute(api, "create table t (a integer)")
    description = batch(api, "insert into t values (1)", "select * from nowhere", "insert into t values (2)")
    assert description["Status"] == "FAILED"
    assert description["Error"] == 'ERROR: relation "nowhere" does not exist'
    parts = description["SubStatements"]
    assert [part["Status"] for part in parts] == ["FINISHED", "FAILED", "ABORTED"]
    assert [part.get("Error") for part in parts] == [None, description["Error"], None]
    count = api.call("GetStatementResult", {"Id": execute(api, "select count(*) from t")["Id"]})
    assert count["Records"] == [[{"longValue": 0}]]
    with pytest.raises(DataApiError, match="check query status with DescribeStatement; it is FAILED"):
        api.call("GetStatementResult", {"Id": description["Id"]})


def test_a_copy_tells_how_many_rows_came(api: DataApi, s3: MemoryS3) -> None:
    """As `ResultRows`, and no result set."""
    s3.put_manifest(s3.put_rows("s3://lake/1", {"x": [1, 2, 3]}))
    execute(api, "create table t (a integer)")
    description = execute(api, COPY)
    assert (description["Status"], description["HasResultSet"], description["ResultRows"]) == (
        "FINISHED",
        False,
        3,
    )


def test_parameters_are_bound_and_described(api: DataApi) -> None:
    """By name, as texts."""
    parameters = [{"name": "a", "value": "it's"}]
    description = execute(api, "select :a as a", Parameters=parameters)
    assert description["QueryParameters"] == parameters
    result = api.call("GetStatementResult", {"Id": description["Id"]})
    assert result["Records"] == [[{"stringValue": "it's"}]]
    assert execute(api, "select :a, :b", Parameters=parameters)["Error"] == (
        "ERROR: there is no value for parameter `:b`"
    )


def test_each_statement_of_a_batch_names_some_of_the_parameters(api: DataApi) -> None:
    """AWS, "BatchExecuteStatement": all are there for all, and each is named at least once."""
    sqls = (
        "create table t (a varchar(8), b varchar(8))",
        "insert into t values (:a, :b)",
        "select b, :b from t",
    )
    parameters = [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]
    for mode in ("TRANSACTION", "AUTO_COMMIT"):
        done = batch(api, *sqls, "drop table t", Parameters=parameters, ExecutionMode=mode)
        assert done["Status"] == "FINISHED", done
        result = api.call("GetStatementResult", {"Id": done["SubStatements"][2]["Id"]})
        assert result["Records"] == [[{"stringValue": "2"}] * 2]
    with pytest.raises(DataApiError, match="Parameters: no statement uses parameter `b`"):
        batch(api, "select :a", "select 1", Parameters=parameters)


def test_a_batch_may_commit_each_statement(api: DataApi) -> None:
    """AWS, "BatchExecuteStatement", ExecutionMode: the failure of one does not affect the others."""
    sqls = ("create table t (a integer)", "select * from nowhere", "insert into t values (1)", "truncate t")
    done = batch(api, *sqls, "select count(*) from t", ExecutionMode="AUTO_COMMIT")
    assert (done["Status"], done["ExecutionMode"]) == ("FAILED", "AUTO_COMMIT")
    assert done["Error"] == 'ERROR: relation "nowhere" does not exist'
    statuses = [part["Status"] for part in done["SubStatements"]]
    assert statuses == ["FINISHED", "FAILED", "FINISHED", "FINISHED", "FINISHED"]
    result = api.call("GetStatementResult", {"Id": f"{done['Id']}:5"})
    assert result["Records"] == [[{"longValue": 0}]]


def test_a_request_that_comes_again_with_its_token_runs_once(api: DataApi) -> None:
    """A client that heard no answer asks again; another request under the token is a mistake."""
    execute(api, "create table t (a integer)")
    request = TARGET | {"Sql": "insert into t values (1)", "ClientToken": "token"}
    first, again = (api.call("ExecuteStatement", request)["Id"] for _ in range(2))
    assert first == again
    finish(api, first)
    assert rows(api, "select count(*) from t") == [[1]]
    for other in ({"Sql": "delete from t"}, {"ResultFormat": "CSV"}, {"StatementName": "x"}):
        with pytest.raises(DataApiError, match="ClientToken was sent before, with another request"):
            api.call("ExecuteStatement", request | other)


def test_who_waits_hears_how_it_ended(api: DataApi) -> None:
    """AWS, "ExecuteStatement", WaitTimeSeconds: status, process and whether there are rows."""
    answer = api.call("ExecuteStatement", TARGET | {"Sql": "select 1", "WaitTimeSeconds": 20})
    assert (answer["Status"], answer["HasResultSet"]) == ("FINISHED", True)
    assert answer["RedshiftPid"] == api.call("DescribeStatement", {"Id": answer["Id"]})["RedshiftPid"] > 0
    unwaited = api.call("ExecuteStatement", TARGET | {"Sql": "select 1"})
    assert unwaited.keys() == {"Id", "CreatedAt", *TARGET}
    result = api.call("GetStatementResult", {"Id": unwaited["Id"], "WaitTimeSeconds": 20})
    assert result["TotalNumRows"] == 1


def test_who_waits_for_too_long_hears_how_it_stands(api: DataApi, engine: Engine) -> None:
    """After the seconds that the client gave; and a bounded number waits at the same time."""
    execute(api, "create table t (a integer)")
    holder = engine.session("")
    holder.run(["begin", "lock t"])
    request = TARGET | {"Sqls": ["lock t", "select 1"], "WaitTimeSeconds": 1}
    answer = api.call("BatchExecuteStatement", request)
    assert (answer["Status"], answer["HasResultSet"]) == ("PICKED", False)
    statement = api._store.get(answer["Id"])  # noqa: SLF001  # as if others waited
    assert statement
    statement.waiting = MOST_WAITING
    with pytest.raises(DataApiError, match="10 requests wait for the statement; the limit is 10") as caught:
        api.call("DescribeStatement", {"Id": answer["Id"], "WaitTimeSeconds": 1})
    assert caught.value.code == "ActiveWaitingRequestsExceededException"
    statement.waiting = 0
    holder.close()
    assert finish(api, answer["Id"])["Status"] == "FINISHED"


def test_an_event_tells_of_a_statement_that_asked_for_it(api: DataApi, events: list[Statement]) -> None:
    """However it ended."""
    execute(api, "select 1")
    asked = [execute(api, sql, WithEvent=True)["Id"] for sql in ("select 1", "select * from nowhere")]
    api.close()
    assert [(each.identifier, each.status) for each in events] == [
        (asked[0], "FINISHED"),
        (asked[1], "FAILED"),
    ]


@pytest.mark.parametrize(
    ("operation", "request_", "code", "message"),
    [
        pytest.param(
            "ExecuteStatement", TARGET | {"Sql": " "}, "ValidationException", "must have a text", id="blank"
        ),
        pytest.param(
            "ExecuteStatement",
            TARGET | {"Sql": "select 1", "ClusterIdentifier": "other"},
            "ValidationException",
            "ClusterIdentifier `other` is not there; there is `millrace`",
            id="another cluster",
        ),
        pytest.param(
            "ExecuteStatement",
            {"Sql": "select 1", "Database": "dev"},
            "ValidationException",
            "ClusterIdentifier nothing is not there",
            id="no cluster",
        ),
        pytest.param(
            "ExecuteStatement",
            TARGET | {"Sql": "select 1", "Database": "prod"},
            "ValidationException",
            "Database `prod` is not there; there is `dev`",
            id="another database",
        ),
        pytest.param(
            "ExecuteStatement",
            TARGET | {"Sql": f"select '{'x' * LARGEST_SQL}'"},
            "ValidationException",
            f"a statement may have {LARGEST_SQL} bytes of SQL",
            id="too large",
        ),
        pytest.param(
            "ExecuteStatement",
            TARGET | {"Sql": "select :a", "Parameters": [{"name": "a", "value": "1"}] * 2},
            "ValidationException",
            "each once; got `a`",
            id="a parameter twice",
        ),
        pytest.param(
            "ExecuteStatement",
            TARGET | {"Sql": "select :1a", "Parameters": [{"name": "1a", "value": "1"}]},
            "ValidationException",
            "begin with a letter, each once; got `1a`",
            id="a parameter that begins with a digit",
        ),
        pytest.param(
            "ExecuteStatement",
            TARGET | {"Sql": "select 'a :a'", "Parameters": [{"name": "a", "value": "1"}]},
            "ValidationException",
            "no statement uses parameter `a`",
            id="a parameter that stands in a text only",
        ),
        pytest.param(
            "DescribeStatement",
            {"Id": UNKNOWN},
            "ResourceNotFoundException",
            f"Query does not exist: `{UNKNOWN}`",
            id="unknown",
        ),
        pytest.param(
            "CancelStatement", {"Id": UNKNOWN}, "ResourceNotFoundException", "does not exist", id="to cancel"
        ),
        pytest.param(
            "GetStatementResultV2",
            {"Id": f"{UNKNOWN}:1"},
            "ResourceNotFoundException",
            "does not exist",
            id="its part",
        ),
    ],
)
def test_what_is_not_there_is_refused_with_awss_code(
    api: DataApi, operation: str, request_: dict[str, Any], code: str, message: str
) -> None:
    """Before anything runs."""
    with pytest.raises(DataApiError, match=message) as caught:
        api.call(operation, request_)
    assert caught.value.code == code


@pytest.mark.parametrize("part", ["0", "2", ""])
def test_a_part_that_is_not_there_is_not_found(api: DataApi, part: str) -> None:
    """Parts are counted from 1."""
    identifier = batch(api, "select 1")["Id"]
    with pytest.raises(DataApiError, match="does not exist") as caught:
        api.call("DescribeStatement", {"Id": f"{identifier}:{part}"})
    assert caught.value.members == {"ResourceId": f"{identifier}:{part}"}


def test_one_statement_is_expected_and_no_transaction_without_a_session(api: DataApi) -> None:
    """Both are told as the statement's error."""
    assert "one statement is expected; got more" in execute(api, "select 1; select 2")["Error"]
    assert "BEGIN: a statement is a transaction" in execute(api, "begin")["Error"]


def test_what_the_engine_does_not_foresee_is_an_internal_error(
    api: DataApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client is told, and the worker lives on."""
    with monkeypatch.context() as patch:
        patch.setattr("warehouse.redshift.session.copies_of", lambda _sqls: 1 / 0)
        done = execute(api, "select 1")
    assert (done["Status"], done["Error"]) == (
        "FAILED",
        "ERROR: internal: ZeroDivisionError('division by zero')",
    )
    assert rows(api, "select 1") == [[1]]
