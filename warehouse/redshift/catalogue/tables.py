"""What the warehouse shows of its tables."""

import re

import duckdb

from warehouse.redshift.dialect.tokens import Relation
from warehouse.redshift.errors import RedshiftError

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
    "JSON": "super",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "VARCHAR": "varchar",
    '"NULL"': "varchar",
}


def type_of(kind: str) -> tuple[str, int, int] | None:
    """Return what Redshift calls a type of DuckDB's, with precision and scale; None where it has none.

    >>> type_of("DECIMAL(38,0)"), type_of("INTEGER"), type_of("INTEGER[]")
    (('numeric', 38, 0), ('int4', 0, 0), None)
    """
    name = _NAMES.get(re.sub(r"\(.*\)$", "", kind), "")
    if name == "numeric":
        digits = re.findall(r"\d+", kind) or [38, 0]
        return name, int(digits[0]), int(digits[1])
    return (name, 0, 0) if name else None


def resolved(session: duckdb.DuckDBPyConnection, relation: Relation) -> Relation | None:
    """Return a table with its schema, as the session finds it; None where it is not there."""
    sql = """
        select schema_name from duckdb_tables()
        where table_name = $name and case
            when $schema = '' then temporary or list_contains(current_schemas(false), schema_name)
            else schema_name = $schema end
        order by temporary desc, list_position(current_schemas(false), schema_name)
    """
    asked = {"name": relation.name, "schema": relation.schema}
    found = session.execute(sql, asked).fetchall()
    return Relation(relation.name, found[0][0]) if found else None


def require(session: duckdb.DuckDBPyConnection, relation: Relation) -> Relation:
    """Return a table with its schema, as the session finds it.

    Raises:
        RedshiftError: It is not there.
    """
    found = resolved(session, relation)
    if found is None:
        msg = f'relation "{relation.name}" does not exist'
        raise RedshiftError(msg, "42P01")
    return found
