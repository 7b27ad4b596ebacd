"""Redshift through its Data API: run SQL, wait for it, read its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contracts.errors import MillraceError
from runtime.aws import client
from runtime.clock import Clock, SystemClock
from runtime.settings import Settings

_POLL_SECONDS = (0.02, 0.05, 0.1)
"""Between two looks at a statement; longer ones would be most of how long a small load takes."""


class StatementFailedError(MillraceError):
    """The warehouse ended a statement or a batch without finishing it; a batch is rolled back whole."""

    def __init__(self, status: str, error: str, sql: str) -> None:
        """Keep the Data API's status and error, and the SQL."""
        super().__init__(status, error, sql)
        self.status = status
        self.error = error
        self.sql = sql

    def __str__(self) -> str:
        """Say what the warehouse said."""
        sql = " ".join(self.sql.split())[:200]
        return f"the warehouse ended a statement as {self.status}: {self.error}; SQL: {sql}"


@dataclass(frozen=True, slots=True)
class Rows:
    """A result: names of the columns, and rows of None, bool, int, float or str."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class Warehouse:
    """One Redshift cluster and database.

    **Delivery**: a batch is one transaction. **On failure**: `StatementFailedError`, after a rollback.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        """Connect to nothing yet: the Data API is one request a statement."""
        self._target = {
            "ClusterIdentifier": settings.warehouse,
            "Database": settings.database,
            "DbUser": settings.database_user,
        }
        self._api = client("redshift-data", settings)
        self._clock = clock or SystemClock()

    def query(self, sql: str) -> Rows:
        """Run one statement and return its rows, an empty result where it has none.

        Raises:
            StatementFailedError: The statement did not finish.
        """
        statement = self._api.execute_statement(Sql=sql, **self._target)["Id"]
        if not self._wait(statement, sql).get("HasResultSet"):
            return Rows((), ())
        pages = list(self._api.get_paginator("get_statement_result").paginate(Id=statement))
        return Rows(
            tuple(column["name"] for column in pages[0]["ColumnMetadata"]),
            tuple(tuple(_value(cell) for cell in row) for page in pages for row in page["Records"]),
        )

    def batch(self, sqls: Sequence[str]) -> None:
        """Run statements in their order as one transaction.

        Raises:
            StatementFailedError: One of them did not finish, and all are rolled back.
        """
        statement = self._api.batch_execute_statement(Sqls=list(sqls), **self._target)["Id"]
        self._wait(statement, "; ".join(sqls))

    def _wait(self, statement: str, sql: str) -> dict[str, Any]:
        polls = 0
        while True:
            description: dict[str, Any] = self._api.describe_statement(Id=statement)
            status = description["Status"]
            if status == "FINISHED":
                return description
            if status in {"FAILED", "ABORTED"}:
                raise StatementFailedError(status, description.get("Error", "no reason given"), sql)
            self._clock.sleep(_POLL_SECONDS[min(polls, len(_POLL_SECONDS) - 1)])
            polls += 1


def _value(cell: dict[str, Any]) -> Any:
    if cell.get("isNull"):
        return None
    return next(iter(cell.values()))
