"""How a statement that has been read is run: queries, changes of rows, COPY, UNLOAD and commands."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from warehouse.redshift.column_types import SessionCatalogue
from warehouse.redshift.copy.files import Files
from warehouse.redshift.copy.load_errors import failures_of, record_failures
from warehouse.redshift.copy.loading import copy_rows
from warehouse.redshift.dialect.copy_statement import CopyStatement
from warehouse.redshift.dialect.translate import Statement
from warehouse.redshift.dialect.unload_statement import UnloadStatement
from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.history import History, Loaded, Ran
from warehouse.redshift.queries import parameters_of, query
from warehouse.redshift.result import Result
from warehouse.redshift.statements.command import Command, Context
from warehouse.redshift.statements.create_table import CreateTable, CreateTableAs
from warehouse.redshift.statements.parameters import READ_ONLY
from warehouse.redshift.statements.prepared import Execute
from warehouse.redshift.statements.relations import require
from warehouse.redshift.statements.writes import after_write, before_write
from warehouse.redshift.unload.log import record_files
from warehouse.redshift.unload.unloading import unload

READING = {"begin", "lock", "query", "rollback", "session"}
"""Kinds of statements that change nothing in the file."""


@dataclass(slots=True)
class Execution:
    """Runs the statements of one session, each in the transaction that the session is in.

    Attributes:
        context: What the session offers to commands.
        seen: What it knows of the tables, which a command may change.
        s3: A client, for COPY and UNLOAD.
        apart: Makes another connection, for what is to outlive a rollback.
        history: Where loads are written down.
        check: Raises where the statement is to stop, for what runs outside of DuckDB.
        ran: The statement as the history has it; None outside of one.
    """

    context: Context
    seen: SessionCatalogue
    s3: Any
    apart: Callable[[], duckdb.DuckDBPyConnection]
    history: History
    check: Callable[[], None]
    ran: Ran | None = None

    def run(self, statement: Statement, files: Iterator[Files], most_bytes: int) -> Result:
        """Run a statement and return what it gave.

        Args:
            statement: As it was read.
            files: Of the COPY statements of its batch, in order.
            most_bytes: Of a query's result.

        Raises:
            RedshiftError: It is not possible, or not allowed.
            duckdb.Error: DuckDB says so.
        """
        self._check_allowed(statement)
        match statement:
            case Statement(command=command) if command:
                return self._command(command)
            case Statement(kind="lock"):
                for relation in statement.relations:
                    require(self.context, relation, "table")
                return Result("LOCK TABLE")
            case Statement(copy=copy) if copy:
                written = before_write(self.context, copy.table)
                result = Result("COPY", affected=self._copy(copy, next(files)))
                after_write(self.context, written)
                return result
            case Statement(unload=wanted) if wanted:
                return self._unload(wanted, statement)
            case Statement(kind="query"):
                return query(self.context.connection, statement, most_bytes)
        return self._write(statement)

    def _check_allowed(self, statement: Statement) -> None:
        is_executing = isinstance(statement.command, Execute)  # what it executes is checked in its turn
        is_writing = statement.kind not in READING | {"unload"} and not is_executing
        if is_writing and self.context.parameters[READ_ONLY] == "on":
            msg = "transaction is read-only"
            raise RedshiftError(msg, "25006")

    def _write(self, statement: Statement) -> Result:
        connection = self.context.connection
        if statement.kind == "merge" and connection.execute(statement.merge_check).fetchall():
            msg = "found multiple matches to update the same tuple"
            raise RedshiftError(msg)
        columns = statement.columns if statement.tag.startswith("INSERT") else None
        written = before_write(self.context, statement.relations[0], columns)
        rows = connection.execute(statement.sql, parameters_of(statement)).fetchall()
        after_write(self.context, written)
        is_count = rows and isinstance(rows[0][0], int)
        return Result(statement.tag, affected=rows[0][0] if is_count else 0)

    def _command(self, command: Command) -> Result:
        """Run a command, and forget what it may have changed of what is known."""
        new = command if isinstance(command, CreateTable | CreateTableAs) else None
        try:
            return command.run(self.context)
        finally:
            self.seen.forget(new.relation.name if new else "")
            if new is None or not new.is_temporary or new.has_identity:
                self.context.special = None

    def _unload(self, wanted: UnloadStatement, statement: Statement) -> Result:
        parameters = parameters_of(statement)
        unloaded = unload(self.context.connection, wanted, statement.sql, parameters, self.s3, self.check)
        with self.apart() as apart:  # the files outlive the rollback
            record_files(apart, wanted.file_format, unloaded)
        return Result("UNLOAD", affected=sum(file.rows for file in unloaded))

    def _copy(self, copy: CopyStatement, files: Files) -> int:
        started = datetime.now(UTC).replace(tzinfo=None)
        try:
            loaded = copy_rows(self.context.connection, copy, files, self.check)
        except RedshiftError as error:
            with self.apart() as apart:  # the reasons outlive the rollback
                record_failures(apart, copy.table, started, failures_of(error))
            raise
        with self.apart() as apart:
            record_failures(apart, copy.table, started, loaded.failures)
        if self.ran:
            table, source = copy.table.name, copy.url
            self.history.load(Loaded(self.ran, table, source, tuple(files.urls), loaded.rows))
        return loaded.rows
