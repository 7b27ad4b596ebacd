"""What the warehouse knows of its tables beside their rows: layouts, load errors, definitions."""

import re

import duckdb

from warehouse.redshift.dialect.create_table import NewTable, copy_of
from warehouse.redshift.errors import LoadError, RedshiftError

TABLES = """
create table if not exists svv_table_info ("table" varchar, diststyle varchar, sortkey1 varchar);
create table if not exists stl_load_errors (
    starttime timestamp, tablename varchar, filename varchar, err_reason varchar
);
"""


_NAMES = {
    "BIGINT": "int8",
    "BOOLEAN": "bool",
    "DATE": "date",
    "DECIMAL": "numeric",
    "DOUBLE": "float8",
    "FLOAT": "float4",
    "HUGEINT": "numeric",
    "INTEGER": "int4",
    "SMALLINT": "int2",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "VARCHAR": "varchar",
    '"NULL"': "varchar",
}


def type_name(kind: str) -> str:
    """Return what Redshift calls a type of DuckDB's, or nothing where it has none.

    >>> type_name("DECIMAL(38,0)"), type_name("INTEGER[]")
    ('numeric', '')
    """
    return _NAMES.get(re.sub(r"\(.*\)$", "", kind), "")


def exists(session: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Return whether a table is there, for this session."""
    sql = "select 1 from duckdb_tables() where table_name = ?"
    return session.execute(sql, [table]).fetchone() is not None


def definition(session: duckdb.DuckDBPyConnection, new: NewTable) -> str:
    """Return DuckDB's statement for a table that is like another.

    Raises:
        RedshiftError: The other is not there.
    """
    sql = "select sql from duckdb_tables() where table_name = ? order by temporary desc"
    found = session.execute(sql, [new.like]).fetchone()
    if not found:
        msg = f'relation "{new.like}" does not exist'
        raise RedshiftError(msg)
    return copy_of(found[0], new.name, is_temporary=new.is_temporary)


def record(session: duckdb.DuckDBPyConnection, new: NewTable) -> None:
    """Write down the layout of a table that was created; a temporary one ends with its session."""
    if not new.is_temporary:
        forget(session, new.name)
        row = [new.name, new.layout.diststyle, new.layout.sort_key]
        session.execute("insert into svv_table_info values (?, ?, ?)", row)


def forget(session: duckdb.DuckDBPyConnection, table: str) -> None:
    """Take away the layout of a table that was dropped."""
    session.execute('delete from svv_table_info where "table" = ?', [table])


def settle_types(session: duckdb.DuckDBPyConnection, table: str) -> None:
    """Give the columns of a table that was made by a query types of Redshift's.

    Raises:
        RedshiftError: A column's type is none of Redshift's.
    """
    for column, kind, *_ in session.execute(f'describe "{table}"').fetchall():
        if kind == "HUGEINT":
            session.execute(f'alter table "{table}" alter "{column}" type decimal(38, 0)')
        elif not type_name(kind):
            msg = f"column `{column}` of `{table}` would be of type {kind}, which is not there; cast it"
            raise RedshiftError(msg)


def record_load_error(session: duckdb.DuckDBPyConnection, table: str, error: RedshiftError) -> None:
    """Write down why a COPY failed, and at which file."""
    filename, reason = (error.filename, error.reason) if isinstance(error, LoadError) else ("", str(error))
    sql = "insert into stl_load_errors values (now()::timestamp, ?, ?, ?)"
    session.execute(sql, [table, filename, reason])
