"""The system's views and functions: SQL by family in `views/`, and the names that follow from it."""

import re
from hashlib import sha256
from pathlib import Path

import duckdb

FAMILIES = (
    "known",
    "pg_relations",
    "pg_users",
    "pg_empty",
    "functions",
    "privileges",
    "information_schema",
    "svv_relations",
    "svv_external",
    "svv_table_info",
    "logs",
)
"""Files of `views/`, each after those that it reads."""

_FOLDER = Path(__file__).with_name("views")
_VIEW = re.compile(r'^create or replace view _system\.("?)([\w.]+)\1 as\b', re.MULTILINE)
_FUNCTION = re.compile(r'^create or replace macro _system\."?(\w+)"?\(', re.MULTILINE)
_SHOWN = ("information_schema.", "pg_", "stl_", "stv_", "svcs_", "svl_", "svv_", "sys_")


def family_sql(family: str) -> str:
    """Return the SQL of one of the families."""
    return (_FOLDER / f"{family}.sql").read_text("utf-8")


SQL = "\n".join(map(family_sql, FAMILIES))
"""Makes all of them, in the schema `_system`."""

_VIEWS = {name for _quote, name in _VIEW.findall(SQL) if name.startswith(_SHOWN)}
VIEWS = frozenset(_VIEWS | {"stl_load_errors", "stl_unload_log"})
"""What Redshift's statements may name; those of `information_schema` with its name before theirs.

STL_LOAD_ERRORS and STL_UNLOAD_LOG are tables, which COPY and UNLOAD write.
"""

FUNCTIONS = frozenset(_FUNCTION.findall(SQL))
"""Functions of the system, and what they are made of."""


_VERSION = sha256(SQL.encode()).hexdigest()
_VERSIONS = "create table if not exists _system.catalogue_version (version varchar)"


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """Make all views and functions, unless the database has these already: it takes about a second."""
    connection.execute(_VERSIONS)
    if connection.execute("from _system.catalogue_version").fetchall() == [(_VERSION,)]:
        return
    connection.execute("begin transaction")
    connection.execute(SQL)
    connection.execute("truncate _system.catalogue_version")
    connection.execute("insert into _system.catalogue_version values (?)", [_VERSION])
    connection.execute("commit")
