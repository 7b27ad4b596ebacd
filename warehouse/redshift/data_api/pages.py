"""Results in pages, as JSON with a type for each value, or as CSV.

Source: AWS, Amazon Redshift Data API Reference, "GetStatementResult", "GetStatementResultV2" and "Field".
"""

import base64
import csv
import io
import math
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from warehouse.redshift.data_api.columns import of_result
from warehouse.redshift.data_api.errors import not_valid
from warehouse.redshift.result import Result

PAGE_ROWS = 1_000
PAGE_BYTES = 2**20
"""Of one page, in memory; a row that is larger comes alone."""


def json_page(result: Result, token: str | None) -> dict[str, Any]:
    """Return the rows that a token stands for, and the token of the page after them.

    Raises:
        DataApiError: No page gave the token.
    """
    start, count = _place(result, token)
    rows = [[_field(value) for value in row] for row in result.part(start, count)]
    return {"Records": rows, **_around(result, start + count)}


def csv_page(result: Result, token: str | None) -> dict[str, Any]:
    """Return the rows that a token stands for as CSV without a header, NULL as nothing.

    Raises:
        DataApiError: No page gave the token.
    """
    start, count = _place(result, token)
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerows([_written(value) for value in row] for row in result.part(start, count))
    records = [{"CSVRecords": sink.getvalue()}] if count else []
    return {"Records": records, "ResultFormat": "CSV", **_around(result, start + count)}


def _place(result: Result, token: str | None) -> tuple[int, int]:
    start = int(token) if token and token.isascii() and token.isdecimal() else 0
    if token and (str(start) != token or not 0 < start < result.count):
        raise not_valid(f"NextToken `{token}` is none that was given")
    count = min(PAGE_ROWS, result.count - start)
    while count > 1 and result.table is not None and result.table.slice(start, count).nbytes > PAGE_BYTES:
        count //= 2
    return start, count


def _around(result: Result, end: int) -> dict[str, Any]:
    around: dict[str, Any] = {
        "ColumnMetadata": [of_result(column) for column in result.columns or ()],
        "TotalNumRows": result.count,
    }
    if end < result.count:
        around["NextToken"] = str(end)
    return around


def _field(value: Any) -> dict[str, Any]:
    field = _FIELDS.get(type(value))
    return field(value) if field else {"stringValue": _text(value)}


def _text(value: Any) -> str:
    """Return a value as Redshift writes it."""
    match value:
        case datetime():
            text = str(value.replace(tzinfo=None))
            text = text.rstrip("0") if value.microsecond else text
            return f"{text}+00" if value.tzinfo else text
        case Decimal():
            return format(value, "f")
        case bytes():
            return value.hex()
        case _:
            return str(value)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else _text(value)


def _double(value: float) -> dict[str, Any]:
    # JSON has no such numbers: AWS's protocol writes them as texts.
    return {"doubleValue": value if math.isfinite(value) else _NOT_FINITE.get(value, "NaN")}


_NOT_FINITE = {math.inf: "Infinity", -math.inf: "-Infinity"}
_FIELDS: dict[type, Callable[[Any], dict[str, Any]]] = {
    type(None): lambda _value: {"isNull": True},
    bool: lambda value: {"booleanValue": value},
    bytes: lambda value: {"blobValue": base64.b64encode(value).decode()},
    float: _double,
    int: lambda value: {"longValue": value},
    str: lambda value: {"stringValue": value},
}
