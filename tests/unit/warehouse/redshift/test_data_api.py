"""The Data API's operations: asynchronous statements, batches, results in pages, and what is refused."""

from collections.abc import Iterator
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Any

import pytest

from tests.unit.warehouse.redshift.twin import COPY, MemoryS3
from warehouse.redshift.data_api.answers import PAGE_ROWS, page
from warehouse.redshift.data_api.operations import LARGEST_SQL, Cluster, DataApi, DataApiError
from warehouse.redshift.data_api.store import KEPT_SECONDS, StatementStore, StoredStatement, TokenReusedError
from warehouse.redshift.engine import Engine, Result
from warehouse.redshift.settings import Settings, SettingsError

TARGET = {"ClusterIdentifier": "millrace", "Database": "dev", "DbUser": "awsuser"}


@pytest.fixture
def api(engine: Engine) -> Iterator[DataApi]:
    """Give the Data API of an empty warehouse."""
    api = DataApi(engine, Cluster("millrace", "dev"))
    yield api
    api.close()


def finish(api: DataApi, identifier: str) -> dict[str, Any]:
    """Wait for a statement as clients do, and return its description."""
    deadline = monotonic() + 30
    while monotonic() < deadline:
        description = api.call("DescribeStatement", {"Id": identifier})
        if description["Status"] in {"FINISHED", "FAILED", "ABORTED"}:
            return description
        sleep(0.005)
    pytest.fail("the statement did not end")


def execute(api: DataApi, sql: str, **more: Any) -> dict[str, Any]:
    """Run one statement to its end and return its description."""
    return finish(api, api.call("ExecuteStatement", TARGET | {"Sql": sql} | more)["Id"])


def batch(api: DataApi, *sqls: str) -> dict[str, Any]:
    """Run a batch to its end and return its description."""
    return finish(api, api.call("BatchExecuteStatement", TARGET | {"Sqls": list(sqls)})["Id"])


def stored(identifier: str, created: float = 0.0, rows: int = 0, sql: str = "select 1") -> StoredStatement:
    """Return a statement that is done."""
    results = (Result((), [()] * rows, rows),)
    return StoredStatement(identifier, (sql,), {}, False, {}, created, created, "FINISHED", results=results)  # noqa: FBT003


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


def test_a_result_has_cells_of_their_types(api: DataApi) -> None:
    """AWS, "GetStatementResult": long, double, boolean, or else a text, or null."""
    sql = (
        "select 1 as i, 1.5::double precision as d, true as b, 'x' as s, null::integer as n, 1.50 as m, "
        "timestamp '2013-02-08 12:00:00.5' as t, date '2013-02-08' as y, "
        "170000000000000000000::decimal(38) as h, timestamptz '2013-02-08 12:00:00' as z"
    )
    result = api.call("GetStatementResult", {"Id": execute(api, sql)["Id"]})
    assert result["Records"] == [
        [
            {"longValue": 1},
            {"doubleValue": 1.5},
            {"booleanValue": True},
            {"stringValue": "x"},
            {"isNull": True},
            {"stringValue": "1.50"},
            {"stringValue": "2013-02-08 12:00:00.500000"},
            {"stringValue": "2013-02-08"},
            {"stringValue": "170000000000000000000"},
            {"stringValue": "2013-02-08 12:00:00+00"},
        ]
    ]
    columns = result["ColumnMetadata"]
    assert [column["name"] for column in columns] == list("idbsnmtyhz")
    assert " ".join(column["typeName"] for column in columns) == (
        "int4 float8 bool varchar int4 numeric timestamp date numeric timestamptz"
    )
    assert result["TotalNumRows"] == 1
    assert "NextToken" not in result


def test_a_result_comes_in_pages(api: DataApi) -> None:
    """Each names the next, and the last names none."""
    numbers = ", ".join(f"({number})" for number in range(PAGE_ROWS + 1))
    execute(api, "create table t (a integer)")
    execute(api, f"insert into t values {numbers}")  # noqa: S608  # numbers
    request = {"Id": execute(api, "select a from t order by a")["Id"]}
    first = api.call("GetStatementResult", request)
    last = api.call("GetStatementResult", request | {"NextToken": first["NextToken"]})
    assert [len(each["Records"]) for each in (first, last)] == [PAGE_ROWS, 1]
    assert [each["TotalNumRows"] for each in (first, last)] == [PAGE_ROWS + 1] * 2
    assert last["Records"] == [[{"longValue": PAGE_ROWS}]]
    assert "NextToken" not in last


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
    with pytest.raises(DataApiError, match="query has no result"):
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
    with pytest.raises(DataApiError, match="query has no result: it is FAILED; see DescribeStatement"):
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
    assert execute(api, "select :b", Parameters=parameters)["Error"] == (
        "ERROR: there is no value for parameter `:b`"
    )


def test_a_request_that_comes_again_with_its_token_runs_once(api: DataApi) -> None:
    """A client that heard no answer asks again; another statement under the token is a mistake."""
    execute(api, "create table t (a integer)")
    request = TARGET | {"Sql": "insert into t values (1)", "ClientToken": "token"}
    first, again = (api.call("ExecuteStatement", request)["Id"] for _ in range(2))
    assert first == again
    finish(api, first)
    count = api.call("GetStatementResult", {"Id": execute(api, "select count(*) from t")["Id"]})
    assert count["Records"] == [[{"longValue": 1}]]
    with pytest.raises(DataApiError, match="ClientToken was sent before, with another statement"):
        api.call("ExecuteStatement", request | {"Sql": "delete from t"})


@pytest.mark.parametrize(
    ("operation", "request_", "code", "message"),
    [
        pytest.param(
            "ListTables", {}, "ValidationException", "`ListTables` is not supported here", id="other"
        ),
        pytest.param(
            "ExecuteStatement", {}, "ValidationException", "Sql must be a text; got `None`", id="no SQL"
        ),
        pytest.param(
            "ExecuteStatement", {"Sql": " "}, "ValidationException", "Sql must be a text", id="blank"
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
            TARGET | {"Sql": "select 1", "Database": "prod"},
            "ValidationException",
            "Database `prod` is not there; there is `dev`",
            id="another database",
        ),
        pytest.param(
            "ExecuteStatement",
            TARGET | {"Sql": "select 1", "WorkgroupName": "w"},
            "ValidationException",
            "WorkgroupName is not supported",
            id="a workgroup",
        ),
        pytest.param(
            "ExecuteStatement",
            TARGET | {"Sql": "select 1", "ResultFormat": "CSV"},
            "ValidationException",
            "ResultFormat is not supported",
            id="another format",
        ),
        pytest.param(
            "ExecuteStatement",
            TARGET | {"Sql": f"select '{'x' * LARGEST_SQL}'"},
            "ValidationException",
            f"a request may have {LARGEST_SQL} bytes of SQL",
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
            TARGET | {"Sql": "select :a", "Parameters": [{"name": "a"}]},
            "ValidationException",
            "value must be a text",
            id="a parameter without a value",
        ),
        pytest.param("BatchExecuteStatement", {}, "ValidationException", "1 to 40 statements", id="no batch"),
        pytest.param(
            "BatchExecuteStatement",
            TARGET | {"Sqls": ["select 1"] * 41},
            "ValidationException",
            "1 to 40 statements; got 41",
            id="too many",
        ),
        pytest.param(
            "BatchExecuteStatement",
            TARGET | {"Sqls": ["select 1", 2]},
            "ValidationException",
            "Sqls must be a text; got `2`",
            id="no text",
        ),
        pytest.param(
            "BatchExecuteStatement",
            TARGET | {"Sqls": ["select :a"], "Parameters": [{"name": "a", "value": "1"}]},
            "ValidationException",
            "Parameters of a batch",
            id="parameters of a batch",
        ),
        pytest.param("DescribeStatement", {}, "ValidationException", "Id must be a text", id="no id"),
        pytest.param(
            "DescribeStatement",
            {"Id": "x"},
            "ResourceNotFoundException",
            "query `x` does not exist",
            id="unknown",
        ),
        pytest.param(
            "GetStatementResult",
            {"Id": "x:1"},
            "ResourceNotFoundException",
            "query `x:1` does not",
            id="its part",
        ),
    ],
)
def test_what_is_not_valid_is_refused_with_awss_code(
    api: DataApi, operation: str, request_: dict[str, Any], code: str, message: str
) -> None:
    """Before anything runs."""
    with pytest.raises(DataApiError, match=message) as caught:
        api.call(operation, request_)
    assert caught.value.code == code


@pytest.mark.parametrize("part", ["0", "2", "x", "-1", ""])
def test_a_part_that_is_not_there_is_not_found(api: DataApi, part: str) -> None:
    """Parts are counted from 1."""
    identifier = batch(api, "select 1")["Id"]
    with pytest.raises(DataApiError, match="does not exist"):
        api.call("DescribeStatement", {"Id": f"{identifier}:{part}"})


@pytest.mark.parametrize("token", ["x", "-1", "2"])
def test_a_page_that_is_not_there_is_refused(api: DataApi, token: str) -> None:
    """Tokens come from the page before."""
    identifier = execute(api, "select 1")["Id"]
    with pytest.raises(DataApiError, match=f"NextToken `{token}` is none that was given"):
        api.call("GetStatementResult", {"Id": identifier, "NextToken": token})


@pytest.mark.parametrize(
    ("held", "now", "kept"),
    [
        pytest.param([stored("a"), stored("b"), stored("c")], 0.0, ["b", "c", "new"], id="three at most"),
        pytest.param([stored("a", rows=6), stored("b", rows=6)], 0.0, ["b", "new"], id="ten rows at most"),
        pytest.param([stored("a"), stored("b", created=9.0)], KEPT_SECONDS, ["b", "new"], id="for a day"),
    ],
)
def test_the_store_is_bounded(held: list[StoredStatement], now: float, kept: list[str]) -> None:
    """The oldest are forgotten first."""
    store = StatementStore(most_statements=3, most_rows=10)
    for statement in [*held, stored("new", created=now)]:
        store.add(statement, None)
    assert [name for name in ("a", "b", "c", "new") if store.get(name)] == kept


def test_what_still_runs_is_not_forgotten() -> None:
    """However old it is; the token of one that is forgotten is free."""
    store = StatementStore(most_statements=2)
    running = stored("running")
    running.status = "STARTED"
    store.add(running, "one")
    store.add(stored("a"), "two")
    store.add(stored("b"), None)
    assert store.get("running") is running
    assert store.get("a") is None
    assert store.add(stored("c", sql="select 2"), "two").identifier == "c"
    with pytest.raises(TokenReusedError):
        store.add(stored("d", sql="select 2"), "one")


def test_an_integer_that_is_no_long_is_a_text() -> None:
    """A client reads 64 bits."""
    records = page(Result((("a", "numeric"),), [(2**63 - 1,), (2**63,)], 2), 0)["Records"]
    assert records == [[{"longValue": 2**63 - 1}], [{"stringValue": str(2**63)}]]


def test_times_are_told_without_a_zone_unless_they_have_one() -> None:
    """As Redshift writes them."""
    noon = datetime(2013, 2, 8, 12)
    records = page(Result((("a", "timestamp"),), [(noon,), (noon.replace(tzinfo=UTC),)], 2), 0)["Records"]
    assert [record[0]["stringValue"] for record in records] == [
        "2013-02-08 12:00:00",
        "2013-02-08 12:00:00+00",
    ]


def test_settings_come_from_the_environment_and_stay_on_this_machine() -> None:
    """An endpoint elsewhere would be asked for files with credentials that are none."""
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_DEFAULT_REGION": "eu-west-1"}
    assert Settings.from_env(environment) == Settings("http://127.0.0.1:1", "eu-west-1")
    assert Settings.from_env({}) == Settings("http://127.0.0.1:4566", "us-east-1")
    with pytest.raises(SettingsError, match="`AWS_ENDPOINT_URL` must be a loopback address; got `https://s3"):
        Settings.from_env({"AWS_ENDPOINT_URL": "https://s3.amazonaws.com"})
