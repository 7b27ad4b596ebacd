"""What the Data API answers, as JSON: descriptions of statements, and pages of their rows.

Source: AWS, Amazon Redshift Data API Reference, "DescribeStatement" and "GetStatementResult".
"""

from datetime import datetime
from typing import Any

from warehouse.redshift.data_api.store import Status, StoredStatement
from warehouse.redshift.engine import Result

PAGE_ROWS = 1_000


def submitted(statement: StoredStatement) -> dict[str, Any]:
    """Return what the client hears at once."""
    return {"Id": statement.identifier, "CreatedAt": statement.created, **statement.target}


def described(statement: StoredStatement) -> dict[str, Any]:
    """Return what DescribeStatement says of a statement."""
    description: dict[str, Any] = {
        "Id": statement.identifier,
        **statement.target,
        "Status": statement.status,
        "CreatedAt": statement.created,
        "UpdatedAt": statement.updated,
        "Duration": statement.duration_nanos,
        "HasResultSet": any(result.columns is not None for result in statement.results),
        "ResultRows": statement.results[-1].affected if statement.results else -1,
        "ResultSize": -1,
        "RedshiftPid": 0,
        "RedshiftQueryId": 0,
        "ResultFormat": "JSON",
        "QueryString": "; ".join(statement.sqls),
    }
    if statement.parameters:
        description["QueryParameters"] = [
            {"name": name, "value": value} for name, value in statement.parameters.items()
        ]
    if statement.error:
        description["Error"] = statement.error
    if statement.is_batch:
        description["SubStatements"] = [
            described_part(statement, number) for number in range(1, len(statement.sqls) + 1)
        ]
    return description


def described_part(statement: StoredStatement, number: int) -> dict[str, Any]:
    """Return what DescribeStatement says of one statement of a batch, counted from 1.

    A batch that failed kept nothing: those before the one that failed had run, those after it never began.
    """
    result = statement.results[number - 1] if statement.results else None
    part: dict[str, Any] = {
        "Id": f"{statement.identifier}:{number}",
        "Status": _part_status(statement, number),
        "CreatedAt": statement.created,
        "UpdatedAt": statement.updated,
        "Duration": result.nanos if result else 0,
        "HasResultSet": bool(result and result.columns is not None),
        "ResultRows": result.affected if result else -1,
        "ResultSize": -1,
        "RedshiftQueryId": 0,
        "QueryString": statement.sqls[number - 1],
    }
    if number == statement.failed_number:
        part["Error"] = statement.error
    return part


def _part_status(statement: StoredStatement, number: int) -> Status:
    if statement.status != "FAILED" or number == statement.failed_number:
        return statement.status
    return "FINISHED" if number < statement.failed_number else "ABORTED"


def page(result: Result, start: int) -> dict[str, Any]:
    """Return the rows of a result from `start` on, and the token of the page after them."""
    answer: dict[str, Any] = {
        "ColumnMetadata": [
            {"name": name, "label": name, "typeName": kind, "nullable": 1}
            for name, kind in result.columns or ()
        ],
        "Records": [[_cell(value) for value in row] for row in result.rows[start : start + PAGE_ROWS]],
        "TotalNumRows": len(result.rows),
    }
    if start + PAGE_ROWS < len(result.rows):
        answer["NextToken"] = str(start + PAGE_ROWS)
    return answer


def _cell(value: Any) -> dict[str, Any]:
    match value:
        case None:
            return {"isNull": True}
        case bool():
            return {"booleanValue": value}
        case int() if value.bit_length() < 64:  # noqa: PLR2004  # a long
            return {"longValue": value}
        case float():
            return {"doubleValue": value}
        case datetime():
            zone = "+00" if value.tzinfo else ""
            return {"stringValue": f"{value.replace(tzinfo=None)}{zone}"}
        case _:
            return {"stringValue": str(value)}
