"""A session: what one client runs, one statement after the other, and the transaction that it is in."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from threading import Lock, Timer
from time import monotonic_ns
from typing import Any, Literal

import duckdb
from sqlglot import exp

from warehouse.redshift.column_types import SessionCatalogue
from warehouse.redshift.copy.files import Files, fetching
from warehouse.redshift.dialect.names import SYSTEM
from warehouse.redshift.dialect.parameters import shared
from warehouse.redshift.dialect.scope import Columns
from warehouse.redshift.dialect.tokens import first_word
from warehouse.redshift.dialect.translate import Statement, copies_of
from warehouse.redshift.errors import (
    CancelledError,
    EndedSessionError,
    FailedTransactionError,
    NotSupportedError,
    RedshiftError,
)
from warehouse.redshift.execution import READING, Execution
from warehouse.redshift.gate import Gates
from warehouse.redshift.history import Client, History
from warehouse.redshift.locks import Held, TableLocks
from warehouse.redshift.queries import columns_of
from warehouse.redshift.reasons import as_redshift
from warehouse.redshift.result import Column, Result
from warehouse.redshift.statements.command import Context, literal, quoted
from warehouse.redshift.statements.parameters import READ_ONLY, Parameters, path_of
from warehouse.redshift.statements.prepared import Execute, Fetch, open_cursor
from warehouse.redshift.statements.writes import forget_temporary

State = Literal["idle", "transaction", "failed"]
"""Of a session: in no transaction, in one, or in one that waits for its ROLLBACK after an error."""

_GIVES_ROWS = {"execute", "explain", "fetch", "show"}
"""First words of statements beyond queries that give rows, or may."""

MOST_BYTES = 500 * 2**20
"""AWS, "Quotas for the Amazon Redshift Data API": the largest result."""


class Session:
    """One client of the warehouse.

    **Parallelism**: one statement at a time; `cancel` may come from any thread. **Delivery**: outside a
    transaction that the client began, `run` is one: all or nothing. **Order**: a snapshot is taken by the
    first statement of a transaction that reads or writes; LOCK comes before it. **On failure**:
    `RedshiftError`; the transaction is rolled back, or is `failed` where the client began it.
    """

    def __init__(  # noqa: PLR0913  # what an engine shares with its sessions
        self,
        connection: duckdb.DuckDBPyConnection,
        *,
        client: Client,
        database: str,
        s3: Any,
        locks: TableLocks,
        gates: Gates,
        translated: Callable[[str, SessionCatalogue, Mapping[str, str] | None], Statement],
        lasting: Callable[..., tuple[exp.Expr, Columns]],
        stored: Callable[..., Statement],
        apart: Callable[[], duckdb.DuckDBPyConnection],
        stop: Callable[[int], bool],
        history: History,
    ) -> None:
        """Take a connection of its own, whom it is for, and what the engine shares.

        Args:
            connection: To the database; closed with the session.
            client: Who it is for.
            database: The one that is there.
            s3: A client, for COPY and UNLOAD.
            locks: Of all sessions.
            gates: That every statement passes.
            translated: From Redshift's SQL and parameters to a statement of DuckDB's.
            lasting: From a query to DuckDB's, to be kept in a view or a default.
            stored: From a query to a statement whose rows are kept in a table.
            apart: Makes another connection, for what is to outlive a rollback.
            stop: Cancels what the session of a number runs; whether it is there.
            history: Where its statements are written down.
        """
        self.client = client
        self.pid = client.pid
        self.user = client.user
        self.state: State = "idle"
        self.most_bytes = MOST_BYTES
        """Of one result, in memory as Arrow."""
        self._connection = connection
        self._s3 = s3
        self._held = Held(locks)
        self._gates = gates
        self._write: Callable[[], None] = lambda: None
        self._is_ended = False
        self._translated = translated
        self._seen = SessionCatalogue(connection, self._path)
        self._guard = Lock()
        self._is_running = False
        self._is_cancelled = False
        self._is_late = False
        self._is_implicit = False
        self._is_fresh = False
        """Whether nothing has run in the transaction: a statement was read in it, no more."""
        self.parameters = Parameters()
        self._context = Context(
            connection,
            client.user,
            database,
            client.pid,
            self.parameters,
            translated=lambda sql: translated(sql, self._seen, None),
            lasting=lambda query: lasting(query, catalogue=self._seen),
            stored=lambda query: stored(query, catalogue=self._seen),
            execute=lambda statement: self._execution.run(statement, iter(()), self.most_bytes),
            path=self._path,
            search=self._search,
            is_in_block=lambda: self.state == "transaction" and not self._is_implicit,
            stop=stop,
        )
        self._history = history
        self._execution = Execution(self._context, self._seen, s3, apart, history, self._check)
        connection.execute("set variable session_user = ?", [client.user])
        connection.execute("set variable backend_pid = ?", [client.pid])
        self._search()

    @property
    def timeout_seconds(self) -> float:
        """A statement that runs for longer is cancelled; 0 for never. `statement_timeout` sets it."""
        return int(self.parameters["statement_timeout"]) / 1000

    @timeout_seconds.setter
    def timeout_seconds(self, seconds: float) -> None:
        self.parameters.set("statement_timeout", str(round(seconds * 1000)))

    def _path(self) -> list[str]:
        return [self._context.temporary_schema, *path_of(self.parameters["search_path"], self.user)]

    def _search(self) -> None:
        """Have DuckDB look for relations in the schemas of search_path that are there, then for its own."""
        sql = "select schema_name from duckdb_schemas() where database_name = current_database()"
        there = {name for (name,) in self._connection.execute(sql).fetchall()} - {SYSTEM, "main"}
        path = path_of(self.parameters["search_path"], self.user)
        names = ",".join(quoted(name) for name in path if name in there)
        self._connection.execute(f"set search_path = {literal(f'{names},main' if names else 'main')}")

    def close(self) -> None:
        """Roll back what is open, and let go of locks and temporary tables."""
        self._end("rollback")
        if self._context.has_temporary and not self._is_ended:
            with self._gates.passing() as write:
                write()
                forget_temporary(self._context)
        self._connection.close()
        self._history.disconnect(self.client)

    def cancel(self) -> None:
        """Have the statement that runs fail; where none does, nothing happens."""
        with self._guard:
            self._is_cancelled = True
            if self._is_running:
                self._connection.interrupt()

    def end(self) -> None:
        """Have every statement that comes fail: the file is replaced, and no statement runs."""
        self._is_ended = True
        self.state = "idle"
        self._held.release()

    def lock(self, tables: Sequence[str]) -> None:
        """Hold tables until the transaction that comes next ends.

        Raises:
            RedshiftError: One of them was held by others for too long, or the session was cancelled.
        """
        self._held.add(tables, lambda: self._is_cancelled)

    def run(
        self,
        sqls: Sequence[str],
        parameters: Mapping[str, str] | None = None,
        on_result: Callable[[Result], None] = lambda _result: None,
        *,
        settles: bool = True,
    ) -> list[Result]:
        """Run statements and return the result of each; outside a transaction they are one.

        Each has those of the parameters that it names. A BEGIN among them begins the client's transaction
        with what came before it, as PostgreSQL has it.

        Args:
            sqls: The statements.
            parameters: Values of `:name`, by name.
            on_result: Is told each result as it is there.
            settles: Whether a transaction that the client did not begin is committed; if not, it goes on
                until `settle`, with what is run before that.

        Raises:
            RedshiftError: One failed or is not supported, and its `number` says which.
        """
        results: list[Result] = []
        self._is_cancelled = False
        is_ahead = all(first_word(sql) != "unload" for sql in sqls)
        copies = copies_of(sqls)
        with self._gates.passing() as self._write, fetching(self._s3, copies, is_ahead=is_ahead) as files:
            try:
                for sql, own in zip(sqls, shared(sqls, parameters or {}), strict=True):
                    is_new = self.state == "idle" or self._is_fresh
                    with self._history.running(self.client, sql, is_new_transaction=is_new) as ran:
                        self._execution.ran = ran
                        result = self._run(sql, own, files, is_alone=len(sqls) == 1)
                        self._is_fresh = False
                        ran.rows = result.affected
                    on_result(result)
                    results.append(result)
                    self._check_cancelled()
                if settles:
                    self._commit_implicit()
            except RedshiftError as error:
                error.number = min(len(results) + 1, len(sqls))
                self._fail()
                raise
        return results

    def settle(self) -> None:
        """Commit what `run` left open, unless the client began it.

        Raises:
            RedshiftError: It cannot be committed, and is rolled back.
        """
        with self._gates.passing() as write:
            if self._is_ended:  # what was open is lost, and must not be told as committed
                raise EndedSessionError
            write()
            self._commit_implicit()

    def fail(self) -> None:
        """Roll back what is open, or have it wait for its ROLLBACK where the client began it."""
        self._fail()

    def gives_rows(self, sql: str) -> bool:
        """Return whether a statement may give rows; it is read for that, and not run.

        As on PostgreSQL, it is read in the transaction in which it will run, which `settle` ends.

        Raises:
            RedshiftError: It is not supported, or the transaction has failed.
        """
        with self._gates.statements.passing():
            return self._read(sql).kind == "query" or first_word(sql) in _GIVES_ROWS

    def describe(self, sql: str) -> tuple[Column, ...] | None:
        """Return the columns of the rows that a statement will give; None for one that gives none.

        Nothing is changed by it: SHOW and EXPLAIN are run for it, a query is only bound. `settle` ends the
        transaction that it begins.

        Raises:
            RedshiftError: It cannot be run as it is.
        """
        with self._gates.statements.passing():
            statement = self._read(sql)
            try:
                return self._described(statement, first_word(sql))
            except duckdb.Error as error:
                raise self._reason(error) from None

    def _described(self, statement: Statement, first: str) -> tuple[Column, ...] | None:
        match statement.command:
            case None:
                if statement.kind != "query":
                    return None
                return columns_of(self._connection, statement)
            case Fetch(name=name):
                return self.cursor_columns(name)
            case Execute():
                feature = "a description of EXECUTE; prepare by the protocol, or send the statement itself"
                raise NotSupportedError(feature)
        return (
            self._execution.run(statement, iter(()), self.most_bytes).columns
            if first in _GIVES_ROWS
            else None
        )

    def cursor_columns(self, name: str) -> tuple[Column, ...]:
        """Return the columns of a cursor's rows.

        Raises:
            RedshiftError: No such cursor is open.
        """
        result, _ = open_cursor(self._context, name)
        return result.columns or ()

    def _read(self, sql: str, parameters: Mapping[str, str] | None = None) -> Statement:
        if self._is_ended:
            raise EndedSessionError
        if self.state == "idle":  # what is known of the tables is then what the statement will see
            self._begin()
        try:
            statement = self._translated(sql, self._seen, parameters)
        except duckdb.Error as error:
            raise self._reason(error) from None
        if self.state == "failed" and statement.kind not in {"commit", "rollback"}:
            raise FailedTransactionError
        return statement

    def _run(
        self, sql: str, parameters: Mapping[str, str] | None, files: Iterator[Files], *, is_alone: bool
    ) -> Result:
        started = monotonic_ns()
        self._is_late = False
        statement = self._read(sql, parameters)
        if statement.kind not in READING:
            self._write()
        if statement.kind in {"begin", "commit", "rollback"}:
            return self._control(statement)
        if statement.kind == "truncate" and not is_alone:
            feature = "TRUNCATE in a batch: it commits the transaction that it is in; use DELETE FROM"
            raise NotSupportedError(feature)
        if statement.kind == "lock":
            self._held.add([each.name for each in statement.relations], lambda: self._is_cancelled)
        with self._limited():
            try:
                result = self._execution.run(statement, files, self.most_bytes)
            except duckdb.Error as error:
                raise self._reason(error) from None
        if statement.kind == "truncate":  # AWS, "TRUNCATE": it commits the transaction in which it is run
            self._end("commit")
        return replace(result, nanos=monotonic_ns() - started)

    def _check_cancelled(self) -> None:
        """Fail where a cancel came while DuckDB had nothing to interrupt, and nothing is committed yet."""
        if self._is_cancelled and self.state == "transaction":
            raise CancelledError(is_requested=True)

    def _reason(self, error: duckdb.Error) -> RedshiftError:
        if isinstance(error, duckdb.InterruptException):
            return CancelledError(is_requested=self._is_cancelled)
        return as_redshift(error)

    @contextmanager
    def _limited(self) -> Iterator[None]:
        """Have what runs be open to `cancel` and to the timeout; a COMMIT or ROLLBACK after it is not."""
        with ExitStack() as stack:
            if self.timeout_seconds:
                timer = Timer(self.timeout_seconds, self._time_out)
                timer.daemon = True
                timer.start()
                stack.callback(timer.cancel)
            self._is_running = True
            try:
                yield
            finally:
                with self._guard:
                    self._is_running = False

    def _time_out(self) -> None:
        with self._guard:
            self._is_late = True
            if self._is_running:
                self._connection.interrupt()

    def _check(self) -> None:
        """Stop what runs outside of DuckDB, which forgets an interrupt that comes between two queries."""
        if self._is_cancelled or self._is_late:
            message = "interrupted"
            raise duckdb.InterruptException(message)

    def _control(self, statement: Statement) -> Result:
        """BEGIN, COMMIT and ROLLBACK; one that comes where it means nothing is a warning on Redshift."""
        if statement.kind == "begin":
            self._is_implicit = False
            if statement.read_only:
                self.parameters.set(READ_ONLY, statement.read_only, is_local=True)
            return Result("BEGIN")
        is_commit = statement.kind == "commit" and self.state != "failed"
        self._end("commit" if is_commit else "rollback")
        return Result("COMMIT" if is_commit else "ROLLBACK")

    def _begin(self) -> None:
        self._seen.forget()
        self._context.special = None
        self._connection.execute("begin transaction")
        self.parameters.begin()
        if self.parameters[f"default_{READ_ONLY}"] == "on":
            self.parameters.set(READ_ONLY, "on", is_local=True)
        self.state, self._is_implicit, self._is_fresh = "transaction", True, True

    def _commit_implicit(self) -> None:
        if self._is_implicit and self.state == "transaction":
            self._end("commit")

    def _fail(self) -> None:
        if self._is_implicit or self.state == "idle":
            self._end("rollback")
        else:
            self.state = "failed"

    def _end(self, how: Literal["commit", "rollback"]) -> None:
        state, self.state, self._is_implicit = self.state, "idle", False
        is_committed = False
        try:
            if state != "idle":
                self._connection.execute(how)
                is_committed = how == "commit"
        except duckdb.Error as error:
            raise as_redshift(error) from None
        finally:
            self._seen.forget()
            self._held.release()
            self._context.cursors.clear()  # AWS, "DECLARE": a cursor ends with its transaction
            if state != "idle" and self.parameters.end(is_commit=is_committed):
                self._search()
