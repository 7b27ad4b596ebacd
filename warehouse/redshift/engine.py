"""The engine: it owns the DuckDB file and runs Redshift's SQL in it, one transaction a call."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.redshift.dialect.copy_statement import parse_copy
from warehouse.redshift.dialect.translate import Statement, translate
from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.files import read_files
from warehouse.redshift.locks import TableLocks

_CATALOGUE = """
create table if not exists svv_table_info ("table" varchar, diststyle varchar, sortkey1 varchar);
create table if not exists stl_load_errors (starttime timestamp, tablename varchar, filename varchar, err_reason varchar);
"""  # noqa: E501
_FAMILIES = (
    ("integer", pa.types.is_integer, {"TINYINT", "SMALLINT", "INTEGER", "BIGINT"}),
    ("floating point", pa.types.is_floating, {"FLOAT", "DOUBLE"}),
    ("text", lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind), {"VARCHAR"}),
    ("timestamp", pa.types.is_timestamp, {"TIMESTAMP", "TIMESTAMP WITH TIME ZONE"}),
    ("date", pa.types.is_date, {"DATE"}),
    ("boolean", pa.types.is_boolean, {"BOOLEAN"}),
)


@dataclass(frozen=True, slots=True)
class Result:
    """What a statement gave.

    Attributes:
        columns: Name and DuckDB type of each column; None for a statement without a result.
        rows: The rows; empty without a result.
        affected: Rows that it wrote or gave.
    """

    columns: tuple[tuple[str, str], ...] | None
    rows: list[tuple[Any, ...]]
    affected: int


class Engine:
    """One warehouse.

    **Parallelism**: any thread may execute; each call is a session of its own, so temporary tables never
    clash.
    **Delivery**: a call is one transaction, all or nothing. **On failure**: `RedshiftError`, rolled back.
    """

    def __init__(self, path: Path, s3: Any) -> None:
        """Open the file, which no other process may have open.

        Raises:
            duckdb.IOException: Another process has it open.
        """
        self._s3 = s3
        self._locks = TableLocks()
        # User SQL reaches no file and no extension: what COPY needs comes in as Arrow.
        self._database = duckdb.connect(path, config={"enable_external_access": False})
        self._database.execute("set global TimeZone = 'UTC'")
        self._database.execute("set global lock_configuration = true")
        self._database.execute(_CATALOGUE)

    def close(self) -> None:
        """Write everything to the file and let go of it."""
        self._database.close()

    def execute(self, sqls: Sequence[str], parameters: Mapping[str, str] | None = None) -> list[Result]:
        """Run statements as one transaction and return the result of each.

        Raises:
            RedshiftError: One failed or is not supported; nothing of the call is kept.
        """
        statements = [translate(sql) for sql in sqls]
        locked = [table for statement in statements for table in statement.tables]
        # Locks come before the transaction: its snapshot must show what the last holder committed.
        with self._locks.held(locked), self._database.cursor() as session:
            session.execute("begin transaction")
            try:
                results = [self._run(session, each, parameters or {}) for each in statements]
                session.execute("commit")
            except RedshiftError:
                session.execute("rollback")
                raise
            except duckdb.Error as error:
                if "Current transaction is aborted" not in str(error):
                    session.execute("rollback")
                raise _as_redshift(error) from None
        return results

    def _run(
        self, session: duckdb.DuckDBPyConnection, statement: Statement, parameters: Mapping[str, str]
    ) -> Result:
        if statement.kind == "lock":
            return Result(None, [], 0)
        if statement.kind == "copy":
            return Result(None, [], self._copy(session, statement.sql))
        if statement.kind == "merge" and session.execute(statement.merge_check).fetchone():
            msg = "found multiple matches to update the same tuple"
            raise RedshiftError(msg)
        done = (
            session.execute(statement.sql, dict(parameters)) if parameters else session.execute(statement.sql)
        )
        rows = done.fetchall()
        if statement.attributes:
            session.execute('delete from svv_table_info where "table" = ?', [statement.attributes[0]])
            session.execute("insert into svv_table_info values (?, ?, ?)", statement.attributes)
        if statement.kind != "query":
            return Result(None, [], rows[0][0] if rows and isinstance(rows[0][0], int) else 0)
        columns = tuple((name, str(kind)) for name, kind, *_ in done.description or ())
        return Result(columns, rows, len(rows))

    def _copy(self, session: duckdb.DuckDBPyConnection, sql: str) -> int:
        copy = parse_copy(sql)
        described = session.execute(f"describe {_quoted(copy.table)}").fetchall()
        kinds = {name: kind for name, kind, *_ in described}
        columns = copy.columns or tuple(kinds)
        count, url = 0, copy.url
        try:
            for url, table in read_files(self._s3, copy):  # named in the error below
                if table is not None:
                    session.register("copied", _fit(table, [(name, kinds[name]) for name in columns], url))
                    names = ", ".join(map(_quoted, columns))
                    session.execute(f"insert into {_quoted(copy.table)} ({names}) select * from copied")  # noqa: S608
                    session.unregister("copied")
                    count += table.num_rows
        except (RedshiftError, duckdb.Error) as error:
            with self._database.cursor() as apart:  # the reason outlives the rollback
                reason = str(_as_redshift(error) if isinstance(error, duckdb.Error) else error)
                apart.execute(
                    "insert into stl_load_errors values (now(), ?, ?, ?)", [copy.table, url, reason]
                )
            raise
        return count


def _fit(table: pa.Table, columns: Sequence[tuple[str, str]], url: str) -> pa.Table:
    """Check a file against the table's columns, in their order, and make its times plain UTC."""
    if table.num_columns != len(columns):
        msg = f"`{url}` has {table.num_columns} columns, and the table takes {len(columns)}"
        raise RedshiftError(msg)
    arrays = []
    for (name, kind), field, column in zip(columns, table.schema, table.columns, strict=True):
        family = next((label for label, _, kinds in _FAMILIES if kind in kinds), kind)
        found = next((label for label, is_it, _ in _FAMILIES if is_it(field.type)), str(field.type))
        if family != found and not (family == "floating point" and found == "integer"):
            msg = f"`{url}`: column `{field.name}` is of type {found}, and `{name}` of the table is {family}"
            raise RedshiftError(msg)
        arrays.append(column.cast(pa.timestamp("us")) if found == "timestamp" else column)
    return pa.table(arrays, names=[name for name, _ in columns])


def _as_redshift(error: duckdb.Error) -> RedshiftError:
    message = str(error)
    if isinstance(error, duckdb.TransactionException) or "conflict" in message.lower():
        return RedshiftError(f"1023: serializable isolation violation: {message}")
    if isinstance(error, duckdb.ConstraintException) and "octet_length" in message:
        found = re.search(r'encode\("?(\w+)"?\)\) <= (\d+)', message)
        where = f" of `{found[1]}`, character varying({found[2]})" if found else ""
        return RedshiftError(f"value too long for the type{where}")
    return RedshiftError(message)


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
