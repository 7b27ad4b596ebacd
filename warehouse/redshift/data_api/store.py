"""Statements of the Data API: what was asked, how it stands, what it gave."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal

from warehouse.redshift.engine import Result

Status = Literal["SUBMITTED", "STARTED", "FINISHED", "FAILED"]

MOST_STATEMENTS = 1_000
"""Statements that are remembered; AWS keeps them for 24 hours."""


@dataclass(slots=True)
class StoredStatement:
    """One call of ExecuteStatement or BatchExecuteStatement; times are seconds since 1970."""

    identifier: str
    sqls: tuple[str, ...]
    is_batch: bool
    target: Mapping[str, str]
    created: float
    updated: float
    status: Status = "SUBMITTED"
    duration_nanos: int = 0
    error: str = ""
    results: Sequence[Result] = field(default_factory=tuple)


class StatementStore:
    """The last statements, by identifier and by the token of the client that sent them."""

    def __init__(self) -> None:
        """Remember none."""
        self._statements: OrderedDict[str, StoredStatement] = OrderedDict()
        self._tokens: dict[str, str] = {}
        self._lock = Lock()

    def add(self, statement: StoredStatement, token: str | None) -> StoredStatement:
        """Remember a statement; one sent before with the same token is returned in its place."""
        with self._lock:
            if token and (known := self._statements.get(self._tokens.get(token, ""))):
                return known
            self._statements[statement.identifier] = statement
            if token:
                self._tokens[token] = statement.identifier
            while len(self._statements) > MOST_STATEMENTS:
                self._statements.popitem(last=False)
            if len(self._tokens) > 2 * MOST_STATEMENTS:
                self._tokens = {key: name for key, name in self._tokens.items() if name in self._statements}
        return statement

    def get(self, identifier: str) -> StoredStatement | None:
        """Return a statement, or None where it is not remembered."""
        return self._statements.get(identifier)


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
        "QueryString": "; ".join(statement.sqls),
    }
    if statement.error:
        description["Error"] = statement.error
    if statement.is_batch:
        description["SubStatements"] = [
            {
                "Id": f"{statement.identifier}:{number}",
                "QueryString": sql,
                "Status": statement.status if statement.status in {"FINISHED", "FAILED"} else "STARTED",
                "HasResultSet": bool(statement.results) and statement.results[number - 1].columns is not None,
                "ResultRows": statement.results[number - 1].affected if statement.results else -1,
                "CreatedAt": statement.created,
                "UpdatedAt": statement.updated,
            }
            for number, sql in enumerate(statement.sqls, start=1)
        ]
    return description
