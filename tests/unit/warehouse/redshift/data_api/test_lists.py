"""ListStatements: filters, order, pages."""

from typing import Any

import pytest

from tests.unit.warehouse.redshift.data_api.support import batch, execute
from warehouse.redshift.data_api.errors import DataApiError
from warehouse.redshift.data_api.operations import DataApi


def listed(api: DataApi, **request: Any) -> list[str]:
    """Return the names of statements as they are listed."""
    statements = api.call("ListStatements", request)["Statements"]
    return [statement.get("StatementName", "") for statement in statements]


@pytest.fixture
def named(api: DataApi) -> DataApi:
    """Run four statements, one of which fails."""
    execute(api, "select 1", StatementName="load_1")
    execute(api, "select * from nowhere", StatementName="load_2")
    batch(api, "select :x", "select 2", StatementName="load_3", Parameters=[{"name": "x", "value": "1"}])
    execute(api, "select 1", StatementName="Mart")
    return api


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        pytest.param({}, ["Mart", "load_3", "load_1"], id="finished ones, where no status is asked for"),
        pytest.param({"Status": "ALL"}, ["Mart", "load_3", "load_2", "load_1"], id="all"),
        pytest.param({"Status": "FAILED"}, ["load_2"], id="failed"),
        pytest.param({"Status": "STARTED"}, [], id="none"),
        pytest.param({"StatementName": "load"}, ["load_3", "load_1"], id="a prefix"),
        pytest.param({"StatementName": "mart"}, [], id="a prefix in another case"),
        pytest.param(
            {"Database": "dev", "ClusterIdentifier": "millrace"}, ["Mart", "load_3", "load_1"], id="at"
        ),
        pytest.param({"Database": "prod"}, [], id="another database"),
        pytest.param({"ClusterIdentifier": "other"}, [], id="another cluster"),
        pytest.param({"RoleLevel": False}, ["Mart", "load_3", "load_1"], id="the one role's one session"),
        pytest.param({"MaxResults": 0}, ["Mart", "load_3", "load_1"], id="0 is as many as may be"),
    ],
)
def test_statements_are_listed_the_newest_first(
    named: DataApi, request_: dict[str, Any], names: list[str]
) -> None:
    """AWS, "ListStatements": only those that are asked for."""
    assert listed(named, **request_) == names


def test_statements_are_listed_in_pages(named: DataApi) -> None:
    """What comes between two pages moves nothing."""
    first = named.call("ListStatements", {"MaxResults": 2})
    execute(named, "select 1", StatementName="later")
    last = named.call("ListStatements", {"MaxResults": 2, "NextToken": first["NextToken"]})
    assert [each["StatementName"] for each in last["Statements"]] == ["load_1"]
    assert "NextToken" not in last
    with pytest.raises(DataApiError, match="NextToken `x` is none that was given"):
        listed(named, NextToken="x")


def test_a_list_tells_what_was_asked(named: DataApi) -> None:
    """A batch has its statements, and parameters are told."""
    mart, load, _ = named.call("ListStatements", {})["Statements"]
    assert (mart["IsBatchStatement"], mart["QueryString"]) == (False, "select 1")
    assert (load["IsBatchStatement"], load["QueryStrings"]) == (True, ["select :x", "select 2"])
    assert load["QueryParameters"] == [{"name": "x", "value": "1"}]
