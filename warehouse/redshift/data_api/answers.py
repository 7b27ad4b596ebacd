"""What the Data API tells of statements and sessions, as JSON.

Source: AWS, Amazon Redshift Data API Reference, "DescribeStatement", "StatementData" and "SessionData".
"""

from typing import Any

from warehouse.redshift.data_api.sessions import KeptSession
from warehouse.redshift.data_api.statement import Part, Statement


def submitted(statement: Statement, *, is_waited: bool) -> dict[str, Any]:
    """Return what the client hears at once, or when it has waited."""
    answer = {"Id": statement.identifier, "CreatedAt": statement.created, **statement.asked.target}
    if statement.session_id:
        answer["SessionId"] = statement.session_id
    if is_waited:
        answer |= {
            "Status": statement.status,
            "RedshiftPid": statement.pid,
            "HasResultSet": _has_result_set(statement),
        }
    return answer


def described(statement: Statement) -> dict[str, Any]:
    """Return what DescribeStatement says of a statement."""
    status = statement.status  # first: the worker writes it last
    asked = statement.asked
    description: dict[str, Any] = {
        "Id": statement.identifier,
        **asked.target,
        "Status": status,
        "CreatedAt": statement.created,
        "UpdatedAt": statement.updated,
        "Duration": statement.duration_nanos,
        "HasResultSet": _has_result_set(statement),
        "ResultRows": _rows(statement.parts[-1]),
        "ResultSize": statement.size_bytes if statement.is_done and not statement.error else -1,
        "RedshiftPid": statement.pid,
        "RedshiftQueryId": 0,
        "ResultFormat": asked.result_format,
        "QueryString": "; ".join(asked.sqls),
    }
    _add_known(description, statement)
    if statement.error:
        description["Error"] = statement.error
    if asked.is_batch:
        description["ExecutionMode"] = "AUTO_COMMIT" if asked.is_auto_commit else "TRANSACTION"
        numbers = range(1, len(statement.parts) + 1)
        description["SubStatements"] = [described_part(statement, number) for number in numbers]
    return description


def described_part(statement: Statement, number: int) -> dict[str, Any]:
    """Return what DescribeStatement says of one statement of a batch, counted from 1.

    A batch that failed kept nothing: those before the one that failed had run, those after it never began.
    """
    part = statement.parts[number - 1]
    description: dict[str, Any] = {
        "Id": f"{statement.identifier}:{number}",
        "Status": part.status,
        "CreatedAt": statement.created,
        "UpdatedAt": part.updated,
        "Duration": part.result.nanos if part.result else 0,
        "HasResultSet": part.has_result_set,
        "ResultRows": _rows(part),
        "ResultSize": part.size_bytes if part.result else -1,
        "RedshiftQueryId": 0,
        "QueryString": part.sql,
    }
    return description | ({"Error": part.error} if part.error else {})


def listed(statement: Statement) -> dict[str, Any]:
    """Return what ListStatements says of a statement."""
    asked = statement.asked
    description: dict[str, Any] = {
        "Id": statement.identifier,
        "Status": statement.status,
        "CreatedAt": statement.created,
        "UpdatedAt": statement.updated,
        "IsBatchStatement": asked.is_batch,
        "ResultFormat": asked.result_format,
    }
    if asked.is_batch:
        description["QueryStrings"] = list(asked.sqls)
    else:
        description["QueryString"] = asked.sqls[0]
    if asked.name:
        description["StatementName"] = asked.name
    _add_known(description, statement)
    return description


def session(kept: KeptSession) -> dict[str, Any]:
    """Return what ListSessions says of a session."""
    description: dict[str, Any] = {
        "SessionId": kept.identifier,
        "Status": kept.status,
        "CreatedAt": kept.created,
        "UpdatedAt": kept.updated,
        "SessionAliveSeconds": kept.keep_seconds,
        "SessionTtl": kept.expires,
        **kept.target,
    }
    return description | ({"CurrentStatementId": kept.statement_id} if kept.statement_id else {})


def _add_known(description: dict[str, Any], statement: Statement) -> None:
    if statement.session_id:
        description["SessionId"] = statement.session_id
    if statement.asked.parameters:
        parameters = statement.asked.parameters.items()
        description["QueryParameters"] = [{"name": name, "value": value} for name, value in parameters]


def _has_result_set(statement: Statement) -> bool:
    return any(part.has_result_set for part in statement.parts)


def _rows(part: Part) -> int:
    return part.result.affected if part.result else -1
