"""The engine: it owns the DuckDB file, and gives sessions to those who run Redshift's SQL in it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakSet

import duckdb

from warehouse.redshift import records
from warehouse.redshift.catalogue import logs, views
from warehouse.redshift.catalogue.slices import create_functions as create_slices
from warehouse.redshift.copy import load_errors
from warehouse.redshift.dialect import digests, sql_functions, zones
from warehouse.redshift.dialect.macros import MACROS
from warehouse.redshift.dialect.tokens import first_word
from warehouse.redshift.dialect.translate import is_control, lasting, locked_by, stored
from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.gate import Gates
from warehouse.redshift.history import History
from warehouse.redshift.kept import Kept
from warehouse.redshift.locks import TableLocks
from warehouse.redshift.result import Result
from warehouse.redshift.session import Session
from warehouse.redshift.settings import SLICES
from warehouse.redshift.unload import log

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "python_enable_replacements": False,
}
"""User SQL reaches no file, no extension and no variable of ours: what COPY needs comes in as Arrow."""

SUPERUSER = "awsuser"
"""Who is there from the start, as AWS calls it."""


class Engine:
    """One warehouse: a file, whose name is the database's.

    **Parallelism**: any thread may ask for a session; each is a connection of its own, so temporary tables
    never clash. **Delivery**: what is committed is in the file; a process that dies leaves nothing of the
    transactions that were open. **Order**: transactions that LOCK the same table run one after the other.
    """

    def __init__(self, path: Path, s3: Any, locks: TableLocks | None = None, *, slices: int = SLICES) -> None:
        """Open the file, which no other process may have open.

        Raises:
            duckdb.IOException: Another process has it open.
        """
        self.path = path
        self._s3 = s3
        self._locks = locks or TableLocks()
        self._gates = Gates()
        self._sessions: WeakSet[Session] = WeakSet()
        self.history = History()
        self._slices = slices
        self._connection = self._open()
        ((self.database,),) = self._connection.execute("select current_database()").fetchall()
        self._kept = Kept(self.database)

    def close(self) -> None:
        """Write everything to the file and let go of it."""
        self._connection.close()

    def session(self, user: str) -> Session:
        """Return a new session, which the caller closes."""
        with self._gates.statements.passing():
            session = Session(
                self._connection.cursor(),
                client=self.history.connect(user or SUPERUSER),
                database=self.database,
                s3=self._s3,
                locks=self._locks,
                gates=self._gates,
                translated=self._kept.translated,
                lasting=partial(lasting, database=self.database),
                stored=partial(stored, database=self.database),
                apart=self._connection.cursor,
                stop=self.stop,
                history=self.history,
            )
            self._sessions.add(session)
        return session

    def stop(self, pid: int) -> bool:
        """Cancel what the session of a number runs; return whether there is one."""
        found = [session for session in list(self._sessions) if session.pid == pid]
        for session in found:
            session.cancel()
        return bool(found)

    @contextmanager
    def quiet(self, wait_seconds: float) -> Iterator[None]:
        """Hold writers while the block runs: what is committed is in the file and its log, which stand still.

        Raises:
            GateBusyError: Somebody wrote for longer than this.
        """
        with self._gates.writers.closed(wait_seconds), self._connection.cursor() as apart:
            # A transaction that is open in a session can forbid it; the log then holds what the file lacks.
            with suppress(duckdb.TransactionException):
                apart.execute("checkpoint")
            yield

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a connection for what the warehouse itself writes; its block is one transaction.

        Not for within a statement: it passes the gates on its own.
        """
        with self._gates.passing() as write, self._connection.cursor() as apart:
            write()
            apart.execute("begin transaction")
            yield apart  # where the block fails, the connection's end is the transaction's
            apart.execute("commit")

    def replace(self, file: Path, wait_seconds: float) -> None:
        """Put another file in the place of the warehouse's; sessions that are open end.

        A process that dies in it leaves the old file or the new one, whole.

        Raises:
            GateBusyError: A statement ran for longer than this; nothing has changed.
            RedshiftError: The old file could not be closed; it goes on.
        """
        with self._gates.statements.closed(wait_seconds):
            for session in list(self._sessions):
                session.end()
            self._connection.close()
            try:
                if self.path.with_name(f"{self.path.name}.wal").exists():
                    msg = "the warehouse's file has a log that could not be written to it"
                    raise RedshiftError(msg)
                file.replace(self.path)
            finally:
                self._connection = self._open()

    def read[T](self, reader: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Return what a reader of DuckDB's catalogue finds, on a connection of its own."""
        with self._connection.cursor() as connection:
            return reader(connection)

    def execute(
        self,
        sqls: Sequence[str],
        parameters: Mapping[str, str] | None = None,
        on_start: Callable[[], None] = lambda: None,
    ) -> list[Result]:
        """Run statements as one transaction of one session; tell when the locks are held.

        All that they LOCK is locked first, in the order of names, so that no two calls wait for each other.

        Raises:
            RedshiftError: One failed or is not supported, and its `number` says which; nothing of the call
                is kept.
        """
        session = self.session("")
        try:
            return run_alone(session, sqls, parameters, on_start)
        finally:
            session.close()

    def _open(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(self.path, config=_CONFIG)
        connection.execute("set global TimeZone = 'UTC'")
        connection.execute("set global lock_configuration = true")
        # As one transaction: each of its own would wait for the disk.
        own = records.OWN + load_errors.TABLE + log.TABLE + sql_functions.TABLE
        own += MACROS + digests.MACRO + zones.MACRO
        connection.execute(f"begin transaction; {own} commit")
        logs.create_functions(connection, self.history)
        create_slices(connection, self._slices)
        connection.create_function(
            "system_cancel", lambda pid: int(self.stop(pid)), ["INTEGER"], "INTEGER", side_effects=True
        )
        views.create(connection)
        return connection


def run_alone(
    session: Session,
    sqls: Sequence[str],
    parameters: Mapping[str, str] | None = None,
    on_start: Callable[[], None] = lambda: None,
    on_result: Callable[[Result], None] = lambda _result: None,
) -> list[Result]:
    """Run statements as one transaction of a session that is in none; tell when the locks are held.

    Raises:
        RedshiftError: One failed or is not supported, and its `number` says which; nothing is kept.
    """
    _refuse_control(sqls)
    session.lock(locked_by(sqls))
    on_start()
    return session.run(sqls, parameters, on_result)


def _refuse_control(sqls: Sequence[str]) -> None:
    for number, sql in enumerate(sqls, start=1):
        if is_control(sql):
            error = NotSupportedError(
                f"{first_word(sql).upper()}: a statement is a transaction, and so is a batch"
            )
            error.number = number
            raise error
