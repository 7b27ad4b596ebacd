"""One table out of a snapshot, into a new one of the warehouse."""

from pathlib import Path

import duckdb
from sqlglot import exp, parse_one

from warehouse.redshift.dialect.tokens import Relation
from warehouse.redshift.engine import Engine
from warehouse.redshift.reasons import as_redshift
from warehouse.redshift.snapshots.errors import SnapshotError

_ROWS = "rows of a restore"
"""What is read from the snapshot is called inside DuckDB: no table of a user's has such a name."""

_RECORDS = ("tables", "columns", "constraints")
"""What is written down of a table."""

_BATCH_ROWS = 100_000


def restore_table(engine: Engine, file: Path, source: Relation, target: Relation) -> None:
    """Make a table with the columns, the rows and the layout of one in a snapshot, in one transaction.

    Raises:
        SnapshotError: The snapshot has no such table, or there is one of the new name; the reason is in it.
    """
    try:
        with (
            duckdb.connect(file, read_only=True, config={"enable_external_access": False}) as old,
            engine.writing() as new,
        ):
            new.execute(_definition(old, source, target)).fetchall()
            _copy(old, new, f"select * from {source}", f"insert into {target}")  # noqa: S608  # quoted
            there = f'{_literal(target.schema)} as "schema", {_literal(target.name)} as "table"'
            for record in _RECORDS:
                rows = f"""
                    select * replace ({there}) from _system.{record}
                    where "schema" = {_literal(source.schema)} and "table" = {_literal(source.name)}
                """  # noqa: S608  # quoted
                _copy(old, new, rows, f"insert into _system.{record} by name")
    except duckdb.Error as error:
        raise SnapshotError(str(as_redshift(error))) from None


def _definition(old: duckdb.DuckDBPyConnection, source: Relation, target: Relation) -> str:
    sql = "select sql from duckdb_tables() where schema_name = ? and table_name = ?"
    found = old.execute(sql, [source.schema, source.name]).fetchall()
    if not found or source.schema == "_system":
        msg = f'the snapshot has no table "{source.name}" in schema "{source.schema}"'
        raise SnapshotError(msg)
    tree = parse_one(found[0][0], read="duckdb")
    for default in tree.find_all(exp.DefaultColumnConstraint):
        if "nextval" in default.sql("duckdb").lower():
            msg = f'table "{source.name}" has an IDENTITY column, which cannot be restored alone'
            raise SnapshotError(msg)
    for table in list(tree.find_all(exp.Table)):
        table.replace(exp.table_(target.name, target.schema))
    definition: str = tree.sql("duckdb", identify=True)
    return definition


def _copy(old: duckdb.DuckDBPyConnection, new: duckdb.DuckDBPyConnection, read: str, write: str) -> None:
    with old.sql(read).to_arrow_reader(_BATCH_ROWS) as rows:
        new.register(_ROWS, rows)
        new.execute(f'{write} select * from "{_ROWS}"').fetchall()  # noqa: S608  # ours
        new.unregister(_ROWS)


def _literal(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
