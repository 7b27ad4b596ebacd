"""What a statement beyond queries and changes of rows is: read by a router, run on what a session offers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
from sqlglot import exp

from warehouse.redshift.result import Column, Result
from warehouse.redshift.statements.parameters import Parameters

if TYPE_CHECKING:
    from warehouse.redshift.dialect.scope import Columns
    from warehouse.redshift.dialect.translate import Statement


class Command(Protocol):
    """One statement, read and ready to run."""

    def run(self, context: "Context") -> Result:
        """Run it in the session's transaction, and return what it gave.

        Raises:
            RedshiftError: It failed.
        """


@dataclass(slots=True)
class Context:
    """What a session offers to the commands that it runs.

    Attributes:
        connection: To DuckDB, in the session's transaction.
        user: Who runs them.
        database: The one that is there.
        pid: The number of the session.
        parameters: Of the session, as SET leaves them.
        translated: From Redshift's SQL to a statement.
        lasting: From a query to DuckDB's for a view or a default: GETDATE() is when it is used.
        stored: From a query to a statement whose rows are kept in a table.
        execute: Runs a translated statement and returns what it gave.
        path: Where a name without a schema is looked for, in order; temporary tables come first.
        search: Looks for the schemas of search_path anew.
        is_in_block: Whether the client began the transaction.
        stop: Cancels what the session of a number runs; whether there is one.
        prepared: Statements by name, with the types of their parameters.
        cursors: Results by name, with the row that comes next.
        has_temporary: Whether a temporary table was made.
        special: Whether there are materialized views, and identities, as far as the transaction knows.
    """

    connection: duckdb.DuckDBPyConnection
    user: str
    database: str
    pid: int
    parameters: Parameters
    translated: "Callable[[str], Statement]"
    lasting: Callable[[str], tuple[exp.Expr, "Columns"]]
    stored: "Callable[[str], Statement]"
    execute: "Callable[[Statement], Result]"
    path: Callable[[], list[str]]
    search: Callable[[], None]
    is_in_block: Callable[[], bool]
    stop: Callable[[int], bool]
    prepared: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)
    cursors: dict[str, tuple[Result, int]] = field(default_factory=dict)
    has_temporary: bool = False
    special: tuple[Any, ...] | None = None

    @property
    def temporary_schema(self) -> str:
        """What the schema of the session's temporary tables is called in the records."""
        return f"pg_temp_{self.pid}"

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement of DuckDB's and return its rows."""
        return self.connection.execute(sql, list(values)).fetchall()

    def do(self, sql: str, *values: Any) -> None:
        """Run a statement of DuckDB's."""
        self.connection.execute(sql, list(values))


def quoted(name: str) -> str:
    """Return a name as SQL has it, whatever it holds.

    >>> quoted('a"b')
    '"a""b"'
    """
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def literal(value: str) -> str:
    """Return a text as SQL has it, whatever it holds.

    >>> literal("it's")
    "'it''s'"
    """
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


def texts(*names: str) -> tuple[Column, ...]:
    """Return columns of text."""
    return tuple(Column(name, "varchar") for name in names)
