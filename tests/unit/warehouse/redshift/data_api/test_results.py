"""Results: cells of their types, columns, pages by rows and bytes, CSV."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from tests.unit.warehouse.redshift.data_api.support import execute
from warehouse.redshift.data_api.columns import of_result
from warehouse.redshift.data_api.errors import DataApiError
from warehouse.redshift.data_api.operations import DataApi
from warehouse.redshift.data_api.pages import PAGE_BYTES, PAGE_ROWS, csv_page, json_page
from warehouse.redshift.result import Column, Result

TYPED = (
    "select 1 as i, 1.5::double precision as d, true as b, 'x' as s, null::integer as n, 1.50 as m, "
    "timestamp '2013-02-08 12:00:00.5' as t, date '2013-02-08' as y, "
    "170000000000000000000::decimal(38) as h, timestamptz '2013-02-08 12:00:00' as z"
)


def of(values: Any, kind: Any, name: str = "varchar") -> Result:
    """Return a result of one column."""
    table = pa.table({"a": pa.array(values, kind)})
    return Result("SELECT", (Column("a", name),), table, table.num_rows)


def test_a_result_has_cells_of_their_types(api: DataApi) -> None:
    """AWS, "Field": long, double, boolean, or else a text, or null."""
    result = api.call("GetStatementResult", {"Id": execute(api, TYPED)["Id"]})
    assert result["Records"] == [
        [
            {"longValue": 1},
            {"doubleValue": 1.5},
            {"booleanValue": True},
            {"stringValue": "x"},
            {"isNull": True},
            {"stringValue": "1.50"},
            {"stringValue": "2013-02-08 12:00:00.5"},
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


@pytest.mark.parametrize(
    ("values", "kind", "cells"),
    [
        pytest.param(
            [2**63 - 1, 2**63], pa.decimal128(38, 0), [str(2**63 - 1), str(2**63)], id="large numeric"
        ),
        pytest.param([Decimal("0E-10")], pa.decimal128(38, 10), ["0.0000000000"], id="numeric of many zeros"),
        pytest.param(
            [datetime(2013, 2, 8, 12, 0, 0, 120_000), datetime(2013, 2, 8, 12)],
            pa.timestamp("us"),
            ["2013-02-08 12:00:00.12", "2013-02-08 12:00:00"],
            id="timestamp",
        ),
        pytest.param(
            [datetime(2013, 2, 8, 12, tzinfo=UTC)],
            pa.timestamp("us", "UTC"),
            ["2013-02-08 12:00:00+00"],
            id="zone",
        ),
    ],
)
def test_a_value_that_is_no_long_nor_double_is_a_text(values: list[Any], kind: Any, cells: list[str]) -> None:
    """As Redshift writes it."""
    assert json_page(of(values, kind), None)["Records"] == [[{"stringValue": cell}] for cell in cells]


def test_bytes_are_a_blob() -> None:
    """In base64, as AWS's protocol has bytes; in CSV they are digits."""
    result = of([b"\x00\xff"], pa.binary(), "varbyte")
    assert json_page(result, None)["Records"] == [[{"blobValue": "AP8="}]]
    assert csv_page(result, None)["Records"] == [{"CSVRecords": "00ff\n"}]


def test_a_number_that_json_has_not_is_a_text() -> None:
    """AWS's JSON protocol writes NaN and Infinity so."""
    result = of([float("nan"), float("inf"), float("-inf")], pa.float64(), "float8")
    cells = [record[0]["doubleValue"] for record in json_page(result, None)["Records"]]
    assert cells == ["NaN", "Infinity", "-Infinity"]


@pytest.mark.parametrize(
    ("column", "told"),
    [
        pytest.param(Column("a", "int4"), {"precision": 10, "scale": 0, "isSigned": True}, id="int4"),
        pytest.param(Column("a", "int8"), {"precision": 19, "scale": 0, "isSigned": True}, id="int8"),
        pytest.param(
            Column("a", "numeric", 10, 2), {"precision": 10, "scale": 2, "isSigned": True}, id="numeric"
        ),
        pytest.param(
            Column("a", "timestamp"), {"precision": 29, "scale": 6, "isSigned": False}, id="timestamp"
        ),
        pytest.param(Column("a", "varchar"), {"precision": 65_535, "isCaseSensitive": True}, id="any text"),
        pytest.param(Column("a", "varchar", 16), {"precision": 16, "isCaseSensitive": True}, id="text"),
    ],
)
def test_a_column_is_told_as_awss_examples_have_it(column: Column, told: dict[str, Any]) -> None:
    """AWS, Management Guide, "Fetch the results of a SQL statement"."""
    described = of_result(column)
    assert described | told == described
    assert (described["label"], described["length"], described["tableName"]) == ("a", 0, "")


def test_a_result_comes_in_pages(api: DataApi) -> None:
    """Each names the next, and the last names none."""
    numbers = ", ".join(f"({number})" for number in range(PAGE_ROWS + 1))
    execute(api, "create table t (a integer)")
    execute(api, f"insert into t values {numbers}")  # noqa: S608  # numbers
    described = execute(api, "select a from t order by a")
    request = {"Id": described["Id"]}
    first = api.call("GetStatementResult", request)
    last = api.call("GetStatementResult", request | {"NextToken": first["NextToken"]})
    assert [len(each["Records"]) for each in (first, last)] == [PAGE_ROWS, 1]
    assert [each["TotalNumRows"] for each in (first, last)] == [PAGE_ROWS + 1] * 2
    assert last["Records"] == [[{"longValue": PAGE_ROWS}]]
    assert "NextToken" not in last
    assert described["ResultSize"] >= 4 * (PAGE_ROWS + 1)
    for token in ("x", "-1", "01", str(PAGE_ROWS + 1)):
        with pytest.raises(DataApiError, match=f"NextToken `{token}` is none that was given"):
            api.call("GetStatementResult", request | {"NextToken": token})


def test_a_page_is_bounded_by_its_bytes() -> None:
    """Rows of 100 KB come by eight; one that is larger than a page comes alone."""
    result = of(["x" * 100_000] * 20 + ["y" * 2 * PAGE_BYTES], pa.string())
    sizes, token = [], None
    while True:
        page = json_page(result, token)
        sizes.append(len(page["Records"]))
        if (token := page.get("NextToken")) is None:
            break
    assert sum(sizes) == 21
    assert max(sizes) * 100_000 <= PAGE_BYTES
    assert sizes[-1] == 1


def test_an_empty_result_has_columns_and_no_rows(api: DataApi) -> None:
    """In both formats."""
    for fetch, extra in (("GetStatementResult", {}), ("GetStatementResultV2", {"ResultFormat": "CSV"})):
        described = execute(api, "select 1 as a where false", **extra)
        assert (described["HasResultSet"], described["ResultRows"]) == (True, 0)
        result = api.call(fetch, {"Id": described["Id"]})
        assert (result["Records"], result["TotalNumRows"]) == ([], 0)
        assert result["ColumnMetadata"][0]["name"] == "a"


def test_csv_is_asked_for_by_the_statement(api: DataApi) -> None:
    """AWS, "GetStatementResultV2": without a header, NULL as nothing, a quote doubled."""
    sql = "select 1 as a, 'x, \"y\"' as b, null::integer as c, true as d, 1.50 as e"
    described = execute(api, sql, ResultFormat="CSV")
    assert described["ResultFormat"] == "CSV"
    result = api.call("GetStatementResultV2", {"Id": described["Id"]})
    assert result["Records"] == [{"CSVRecords": '1,"x, ""y""",,true,1.50\n'}]
    assert (result["ResultFormat"], result["TotalNumRows"]) == ("CSV", 1)
    with pytest.raises(DataApiError, match="in CSV; get it by GetStatementResultV2"):
        api.call("GetStatementResult", {"Id": described["Id"]})
    with pytest.raises(DataApiError, match="in JSON; get it by GetStatementResult'"):
        api.call("GetStatementResultV2", {"Id": execute(api, sql)["Id"]})
