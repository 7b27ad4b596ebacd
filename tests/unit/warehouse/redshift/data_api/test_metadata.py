"""ListDatabases, ListSchemas, ListTables, DescribeTable."""

from typing import Any

import pytest

from tests.unit.warehouse.redshift.data_api.support import execute
from warehouse.redshift.data_api.errors import DataApiError
from warehouse.redshift.data_api.operations import DataApi

AT = {"ClusterIdentifier": "millrace", "Database": "dev"}


@pytest.fixture
def filled(api: DataApi) -> DataApi:
    """Make a schema, two tables and a view."""
    for sql in (
        "create table day (d date not null, n varchar(16) default 'none', m numeric(10, 2), x varchar)",
        "create table day_ago (a bigint, b real, c boolean, e timestamp)",
        "create view days as select d from public.day",
    ):
        assert execute(api, sql)["Status"] == "FINISHED"
    return api


def test_there_is_one_database(api: DataApi) -> None:
    """The cluster's."""
    assert api.call("ListDatabases", AT) == {"Databases": ["dev"]}
    assert api.call("ListDatabases", {"ClusterIdentifier": "millrace"}) == {"Databases": ["dev"]}


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        pytest.param(None, ["information_schema", "pg_catalog", "public"], id="all"),
        pytest.param("p%", ["pg_catalog", "public"], id="any text"),
        pytest.param("publi_", ["public"], id="any character"),
        pytest.param("P%", [], id="another case"),
        pytest.param("_system", [], id="the warehouse's own"),
    ],
)
def test_schemas_are_listed_by_a_pattern(api: DataApi, pattern: str | None, names: list[str]) -> None:
    """AWS, "ListSchemas"."""
    assert api.call("ListSchemas", {**AT, "SchemaPattern": pattern}) == {"Schemas": names}


def test_tables_are_listed_by_patterns(filled: DataApi) -> None:
    """AWS, "ListTables": with kinds; the system's are in pg_catalog and information_schema."""

    def tables(**patterns: Any) -> list[tuple[str, str, str]]:
        found = filled.call("ListTables", AT | patterns)["Tables"]
        return [(each["schema"], each["name"], each["type"]) for each in found]

    own = [("public", "day", "TABLE"), ("public", "day_ago", "TABLE"), ("public", "days", "VIEW")]
    assert tables(SchemaPattern="public") == own
    assert tables(TablePattern="day_") == own[2:]
    assert tables(TablePattern=r"day\_%") == own[1:2]
    assert ("information_schema", "tables", "SYSTEM TABLE") in tables()
    assert tables(SchemaPattern="pg_catalog", TablePattern="pg_tables") == [
        ("pg_catalog", "pg_tables", "SYSTEM TABLE")
    ]


def test_lists_come_in_pages(filled: DataApi) -> None:
    """Each names the next, and the last names none."""
    request = AT | {"SchemaPattern": "public", "MaxResults": 2}
    first = filled.call("ListTables", request)
    last = filled.call("ListTables", request | {"NextToken": first["NextToken"]})
    assert [[each["name"] for each in page["Tables"]] for page in (first, last)] == [
        ["day", "day_ago"],
        ["days"],
    ]
    assert "NextToken" not in last
    for token in ("x", "-1", "4", "02"):
        with pytest.raises(DataApiError, match=f"NextToken `{token}` is none that was given"):
            filled.call("ListTables", request | {"NextToken": token})


def test_a_table_is_described_by_its_columns(filled: DataApi) -> None:
    """AWS, "DescribeTable": type, length or digits, whether it may be null, its default."""
    answer = filled.call("DescribeTable", AT | {"Schema": "public", "Table": "day"})
    assert answer["TableName"] == "day"
    date, text, number, unsaid = answer["ColumnList"]
    assert date == {
        "name": "d",
        "typeName": "date",
        "schemaName": "public",
        "tableName": "day",
        "nullable": 0,
        "precision": 13,
        "scale": 0,
        "length": 13,
        "isCaseSensitive": False,
        "isCurrency": False,
        "isSigned": False,
    }
    assert (text["typeName"], text["length"]) == ("varchar", 16)
    assert "'none'" in text["columnDefault"]
    assert (text["isCaseSensitive"], text["nullable"]) == (True, 1)
    assert (number["precision"], number["scale"], number["isSigned"]) == (10, 2, True)
    assert unsaid["length"] == 256


def test_tables_are_described_by_exact_names(filled: DataApi) -> None:
    """Of all schemas and tables where none is named, in their order; views and the system's too."""
    described = filled.call("DescribeTable", AT | {"Table": "day_ago"})["ColumnList"]
    assert [(column["name"], column["typeName"]) for column in described] == [
        ("a", "int8"),
        ("b", "float4"),
        ("c", "bool"),
        ("e", "timestamp"),
    ]
    assert filled.call("DescribeTable", AT | {"Table": "day_"})["ColumnList"] == []
    assert [
        column["name"] for column in filled.call("DescribeTable", AT | {"Table": "days"})["ColumnList"]
    ] == ["d"]
    tables = {
        (each["schemaName"], each["tableName"]) for each in filled.call("DescribeTable", AT)["ColumnList"]
    }
    assert {("public", "day"), ("public", "days"), ("pg_catalog", "stl_load_errors")} < tables
    assert not [table for schema, table in tables if schema in {"_system", "main"} or table == "layouts"]


@pytest.mark.parametrize("operation", ["ListDatabases", "ListSchemas", "ListTables", "DescribeTable"])
def test_a_database_that_is_not_there_cannot_be_connected_to(api: DataApi, operation: str) -> None:
    """Nor can a cluster."""
    for name in ("Database", "ConnectedDatabase")[: 1 if operation == "ListDatabases" else 2]:
        with pytest.raises(DataApiError, match='database "prod" does not exist') as caught:
            api.call(operation, AT | {name: "prod"})
        assert caught.value.code == "DatabaseConnectionException"
    with pytest.raises(DataApiError, match="ClusterIdentifier `other` is not there") as caught:
        api.call(operation, AT | {"ClusterIdentifier": "other"})
    assert caught.value.code == "ValidationException"
