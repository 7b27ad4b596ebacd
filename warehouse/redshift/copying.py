"""COPY: the rows of files into a table, by position, in the transaction that runs."""

from collections.abc import Callable, Sequence

import duckdb
import pyarrow as pa

from warehouse.redshift.dialect.copy_statement import CopyStatement
from warehouse.redshift.errors import LoadError, RedshiftError
from warehouse.redshift.files import Files
from warehouse.redshift.reasons import as_redshift

_ROWS = "rows of a copy"
"""What the rows of a file are called inside DuckDB: no table of a user's has such a name."""

_FAMILIES: tuple[tuple[str, Callable[[pa.DataType], bool], frozenset[str]], ...] = (
    ("integer", pa.types.is_integer, frozenset({"SMALLINT", "INTEGER", "BIGINT"})),
    ("floating point", pa.types.is_floating, frozenset({"FLOAT", "DOUBLE"})),
    ("numeric", pa.types.is_decimal, frozenset({"DECIMAL"})),
    ("text", lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind), frozenset({"VARCHAR"})),
    ("timestamp", pa.types.is_timestamp, frozenset({"TIMESTAMP", "TIMESTAMP WITH TIME ZONE"})),
    ("date", pa.types.is_date, frozenset({"DATE"})),
    ("boolean", pa.types.is_boolean, frozenset({"BOOLEAN"})),
)


def copy_rows(session: duckdb.DuckDBPyConnection, copy: CopyStatement, files: Files) -> int:
    """Insert the rows of all files, and return how many they are.

    Raises:
        LoadError: A file is missing, or is not as the manifest or the table wants it.
        RedshiftError: There is no such table or column.
    """
    kinds = _kinds(session, copy.table)
    columns = copy.columns or tuple(kinds)
    if unknown := [name for name in columns if name not in kinds]:
        msg = f'column "{unknown[0]}" of relation "{copy.table}" does not exist'
        raise RedshiftError(msg)
    wanted = [(name, kinds[name]) for name in columns]
    names = ", ".join(map(_quoted, columns))
    insert = f'insert into {_quoted(copy.table)} ({names}) select * from "{_ROWS}"'  # noqa: S608  # quoted
    count = 0
    for url, table in files:
        session.register(_ROWS, _fit(table, wanted, url))
        try:
            session.execute(insert)
        except duckdb.Error as error:
            raise LoadError(url, str(as_redshift(error))) from None
        session.unregister(_ROWS)
        count += table.num_rows
    return count


def _kinds(session: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    try:
        described = session.execute(f"describe {_quoted(table)}").fetchall()
    except duckdb.Error as error:
        raise as_redshift(error) from None
    return {name: kind for name, kind, *_ in described}


def _fit(table: pa.Table, wanted: Sequence[tuple[str, str]], url: str) -> pa.Table:
    """Check a file against the table's columns, in their order, and make its times plain UTC."""
    if table.num_columns != len(wanted):
        reason = f"has {table.num_columns} columns, and the table takes {len(wanted)}"
        raise LoadError(url, reason)
    arrays = []
    for (name, kind), field, column in zip(wanted, table.schema, table.columns, strict=True):
        is_dictionary = pa.types.is_dictionary(field.type)
        array = column.cast(field.type.value_type) if is_dictionary else column
        family = next((label for label, _, kinds in _FAMILIES if kind.partition("(")[0] in kinds), kind)
        found = next((label for label, is_it, _ in _FAMILIES if is_it(array.type)), str(array.type))
        if family != found and (family, found) != ("floating point", "integer"):
            reason = f"column `{field.name}` is of type {found}, and `{name}` of the table is {family}"
            raise LoadError(url, reason)
        try:
            arrays.append(array.cast(pa.timestamp("us")) if found == "timestamp" else array)
        except pa.ArrowInvalid as error:
            reason = f"column `{field.name}`: {error}"
            raise LoadError(url, reason) from None
    return pa.table(arrays, names=[name for name, _ in wanted])


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
