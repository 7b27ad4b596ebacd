"""The engine: it owns the DuckDB file and runs Redshift's SQL in it, one transaction a call."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from time import monotonic_ns
from typing import Any

import duckdb

from warehouse.redshift import catalogue
from warehouse.redshift.copying import copy_rows
from warehouse.redshift.dialect.copy_statement import CopyStatement
from warehouse.redshift.dialect.create_table import NewTable
from warehouse.redshift.dialect.meaning import MACROS, NOW
from warehouse.redshift.dialect.translate import Statement, translate
from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.files import Files, fetching
from warehouse.redshift.locks import TableLocks
from warehouse.redshift.reasons import as_redshift

_MOST_KEPT, _LONGEST_KEPT = 512, 8192
"""Translations that are kept, and the longest text of one: loads and marts say the same again and again."""

MOST_ROWS = 1_000_000
"""Rows of one result; AWS stops at 500 MB."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a statement gave.

    Attributes:
        columns: Name and type of each column, as Redshift calls them; None for a statement without a result.
        rows: The rows; empty without a result.
        affected: Rows that it wrote or gave.
        nanos: How long it ran.
    """

    columns: tuple[tuple[str, str], ...] | None
    rows: list[tuple[Any, ...]]
    affected: int
    nanos: int = 0


class Engine:
    """One warehouse.

    **Parallelism**: any thread may execute; each call is a session of its own, so temporary tables never
    clash.
    **Delivery**: a call is one transaction, all or nothing; a process that dies in one leaves nothing of it.
    **Order**: calls that LOCK the same table run one after the other.
    **On failure**: `RedshiftError`, rolled back.
    """

    def __init__(self, path: Path, s3: Any, locks: TableLocks | None = None) -> None:
        """Open the file, which no other process may have open.

        Raises:
            duckdb.IOException: Another process has it open.
        """
        self._s3 = s3
        self._locks = locks or TableLocks()
        # User SQL reaches no file and no extension: what COPY needs comes in as Arrow.
        self._database = duckdb.connect(path, config={"enable_external_access": False})
        self._database.execute("set global TimeZone = 'UTC'")
        self._database.execute("set global lock_configuration = true")
        self._database.execute(catalogue.TABLES + MACROS)

    def close(self) -> None:
        """Write everything to the file and let go of it."""
        self._database.close()

    def execute(
        self,
        sqls: Sequence[str],
        parameters: Mapping[str, str] | None = None,
        on_start: Callable[[], None] = lambda: None,
    ) -> list[Result]:
        """Run statements as one transaction and return the result of each; tell when the locks are held.

        Raises:
            RedshiftError: One failed or is not supported, and its `number` says which; nothing of the call
                is kept.
        """
        statements = [_numbered(number, sql, parameters) for number, sql in enumerate(sqls, start=1)]
        if len(statements) > 1 and any(each.kind == "truncate" for each in statements):
            feature = "TRUNCATE in a batch: it commits the transaction that it is in; use DELETE FROM"
            raise NotSupportedError(feature)
        locked = [table for each in statements if each.kind == "lock" for table in each.tables]
        copies = [each.copy for each in statements if each.copy]
        # Locks come before the transaction: its snapshot must show what the last holder committed.
        with (
            self._locks.held(locked),
            self._database.cursor() as session,
            fetching(self._s3, copies) as files,
        ):
            on_start()
            session.execute("begin transaction")
            results: list[Result] = []
            try:
                for statement in statements:
                    started = monotonic_ns()
                    columns, rows, affected = self._run(session, statement, files)
                    results.append(Result(columns, rows, affected, monotonic_ns() - started))
                session.execute("commit")
            except (RedshiftError, duckdb.Error) as error:  # the session ends, and rolls back
                failed = as_redshift(error) if isinstance(error, duckdb.Error) else error
                failed.number = min(len(results) + 1, len(statements))
                raise failed from None
        return results

    def _run(
        self, session: duckdb.DuckDBPyConnection, statement: Statement, files: Iterator[Files]
    ) -> tuple[tuple[tuple[str, str], ...] | None, list[tuple[Any, ...]], int]:
        parameters = {NOW: datetime.now(UTC).replace(tzinfo=None)} if statement.is_timed else None
        match statement:
            case Statement(kind="lock"):
                for table in statement.tables:
                    if not catalogue.exists(session, table):
                        msg = f'relation "{table}" does not exist'
                        raise RedshiftError(msg)
                return None, [], 0
            case Statement(copy=copy) if copy:
                return None, [], self._copy(session, copy, next(files))
            case Statement(new_table=new) if new:
                return None, [], _create_table(session, new, statement.sql, parameters)
            case Statement(kind="query"):
                return _query(session, statement.sql, parameters)
            case Statement(kind="merge") if session.execute(statement.merge_check).fetchone():
                msg = "found multiple matches to update the same tuple"
                raise RedshiftError(msg)
        rows = session.execute(statement.sql, parameters).fetchall()
        if statement.kind == "drop table":
            catalogue.forget(session, statement.tables[0])
        is_count = rows and isinstance(rows[0][0], int)
        return None, [], rows[0][0] if is_count else 0

    def _copy(self, session: duckdb.DuckDBPyConnection, copy: CopyStatement, files: Files) -> int:
        try:
            return copy_rows(session, copy, files)
        except RedshiftError as error:
            with self._database.cursor() as apart:  # the reason outlives the rollback
                catalogue.record_load_error(apart, copy.table, error)
            raise


def _numbered(number: int, sql: str, parameters: Mapping[str, str] | None) -> Statement:
    try:
        return translate(sql, parameters) if parameters or len(sql) > _LONGEST_KEPT else _translated(sql)
    except RedshiftError as error:
        error.number = number
        raise


@lru_cache(_MOST_KEPT)
def _translated(sql: str) -> Statement:
    return translate(sql)


def _create_table(
    session: duckdb.DuckDBPyConnection, new: NewTable, sql: str, parameters: dict[str, Any] | None
) -> int:
    if new.is_if_missing and catalogue.exists(session, new.name):
        return 0
    if new.like:
        sql = catalogue.definition(session, new)
    rows = session.execute(sql, parameters).fetchall()
    catalogue.record(session, new)
    if not new.is_query:
        return 0
    catalogue.settle_types(session, new.name)
    count: int = rows[0][0]
    return count


def _query(
    session: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any] | None
) -> tuple[tuple[tuple[str, str], ...], list[tuple[Any, ...]], int]:
    done = session.execute(sql, parameters)
    columns = tuple((name, catalogue.type_name(str(kind))) for name, kind, *_ in done.description or ())
    if unknown := [name for name, kind in columns if not kind]:
        msg = f"column `{unknown[0]}` of the result is of a type that is not there; cast it"
        raise RedshiftError(msg)
    rows = done.fetchmany(MOST_ROWS + 1)
    if len(rows) > MOST_ROWS:
        msg = f"a result may have {MOST_ROWS} rows; add a LIMIT"
        raise RedshiftError(msg)
    return columns, rows, len(rows)
