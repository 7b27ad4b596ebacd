"""Databases, schemas, tables and columns, as the Data API lists them.

Source: AWS, Amazon Redshift Data API Reference, "ListSchemas", "ListTables" and "DescribeTable".
"""

import re
from typing import Any

import duckdb

from warehouse.redshift.catalogue import tables as catalogue
from warehouse.redshift.data_api.columns import of_table
from warehouse.redshift.data_api.errors import not_valid
from warehouse.redshift.dialect.names import SYSTEM, SYSTEM_VIEWS
from warehouse.redshift.result import Column

MOST_LISTED = 1_000
_OWN_SCHEMAS = ("information_schema", "pg_catalog")
_HIDDEN = (SYSTEM, "main", "pg_catalog", "information_schema")
_LENGTH = re.compile(r"strlen\(.*\) <= (\d+)")


def schemas(connection: duckdb.DuckDBPyConnection, pattern: str | None) -> list[str]:
    """Return the names of schemas, in their order."""
    sql = """
        select schema_name from duckdb_schemas() where database_name = current_database()
        and not list_contains($hidden, schema_name)
    """
    found = [name for (name,) in connection.execute(sql, {"hidden": list(_HIDDEN)}).fetchall()]
    return sorted(name for name in {*found, *_OWN_SCHEMAS} if matches(name, pattern))


def tables(
    connection: duckdb.DuckDBPyConnection, schema_pattern: str | None, table_pattern: str | None
) -> list[dict[str, Any]]:
    """Return tables and views, the system's too, in the order of schemas and names."""
    sql = """
        select schema_name, table_name, 'TABLE' from duckdb_tables()
        where database_name = current_database() and not list_contains($hidden, schema_name)
        union all
        select schema_name, view_name, 'VIEW' from duckdb_views()
        where database_name = current_database() and not list_contains($hidden, schema_name)
    """
    found = connection.execute(sql, {"hidden": list(_HIDDEN)}).fetchall()
    found += [(*_of_system(name), "SYSTEM TABLE") for name in SYSTEM_VIEWS]
    return [
        {"schema": schema, "name": name, "type": kind}
        for schema, name, kind in sorted(found)
        if matches(schema, schema_pattern) and matches(name, table_pattern)
    ]


def columns(
    connection: duckdb.DuckDBPyConnection, schema: str | None, table: str | None
) -> list[dict[str, Any]]:
    """Return the columns of tables and views, in the order of schemas, tables and places."""
    sql = """
        select schema_name, table_name, column_name, data_type, is_nullable, column_default
        from duckdb_columns() where database_name = current_database() and schema_name <> 'main'
        order by schema_name, table_name, column_index
    """
    lengths = _lengths(connection)
    described = []
    for in_schema, of, name, kind, is_nullable, default in connection.execute(sql).fetchall():
        there = _of_system(of) if in_schema == SYSTEM else (in_schema, of)
        is_shown = in_schema != SYSTEM or of in SYSTEM_VIEWS
        if is_shown and (schema or there[0], table or there[1]) == there:
            type_name, precision, scale = catalogue.type_of(kind) or (kind.lower(), 0, 0)
            length = lengths.get((in_schema, of, name), precision)
            column = Column(name, type_name, length, scale)
            described.append(of_table(column, *there, is_nullable=is_nullable, default=default))
    return described


def page(listed: list[Any], most: int | None, token: str | None) -> tuple[list[Any], dict[str, str]]:
    """Return a part of a list, and the token of the part after it.

    Raises:
        DataApiError: No part gave the token.
    """
    start = int(token) if token and token.isascii() and token.isdecimal() else 0
    if token and (str(start) != token or not 0 < start <= len(listed)):
        raise not_valid(f"NextToken `{token}` is none that was given")
    end = start + (most or MOST_LISTED)
    return listed[start:end], {"NextToken": str(end)} if end < len(listed) else {}


def matches(name: str, pattern: str | None) -> bool:
    r"""Return whether a name is like a pattern: % for any text, _ for any character, \ before either.

    >>> [matches("dim_day", pattern) for pattern in ("dim%", r"dim\_day", r"dim\%", "dim_day", "DIM%")]
    [True, True, False, True, False]
    """
    if pattern is None:
        return True
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    regex = "".join(wild.get(part) or re.escape(part.removeprefix("\\") or part) for part in parts)
    return re.fullmatch(regex, name, re.DOTALL) is not None


def _of_system(view: str) -> tuple[str, str]:
    schema, dot, name = view.partition(".")
    return (schema, name) if dot else ("pg_catalog", view)


def _lengths(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, str], int]:
    """Return the lengths of texts in bytes, which are constraints in DuckDB's tables."""
    sql = """
        select schema_name, table_name, constraint_column_names[1], expression from duckdb_constraints()
        where constraint_type = 'CHECK' and database_name = current_database()
    """
    found = connection.execute(sql).fetchall()
    read = [(where, _LENGTH.search(expression)) for *where, expression in found]
    return {(where[0], where[1], where[2]): int(length[1]) for where, length in read if length}
