"""Slices, simulated: how the rows of a table would lie on the slices of a cluster, by its DISTKEY.

There are no slices here. A row's slice is DuckDB's hash of its DISTKEY, modulo the number of slices: not
AWS's hash, which is not published, so it shows how even a key is and not where a row would be.
"""

from typing import Any

import duckdb

from warehouse.redshift.dialect.tokens import Relation

_COUNTED = "STRUCT(schema_name VARCHAR, table_name VARCHAR, slice INTEGER, row_count BIGINT)[]"
_SIZES = "STRUCT(schema_name VARCHAR, table_name VARCHAR, bytes BIGINT)[]"
_BLOCK_BYTES = 262_144
_KEYED = """
    select t.schema_name, t.table_name, r.diststyle
    from duckdb_tables() t
    left join _system.tables r on r.schema = t.schema_name and r.table = t.table_name
    where t.database_name = current_database() and t.schema_name not in ('_system', 'main')
"""


def create_functions(connection: duckdb.DuckDBPyConnection, slices: int) -> None:
    """Make the functions that the views of slices and sizes call, in every connection to the database.

    They see what is committed, and not what the asking transaction has not committed yet.

    Args:
        connection: To the database.
        slices: How many are simulated.
    """

    def counted(_asked: str) -> list[dict[str, Any]]:
        with connection.cursor() as other:
            return _count_slices(other, slices)

    def sizes(_asked: str) -> list[dict[str, Any]]:
        with connection.cursor() as other:
            return _measure(other)

    def count(_asked: str) -> int:
        return slices

    for name, function, kind in (
        ("system_slices", counted, _COUNTED),
        ("system_sizes", sizes, _SIZES),
        ("system_slice_count", count, "INTEGER"),
    ):
        connection.create_function(name, function, ["VARCHAR"], kind, side_effects=True)


def _count_slices(connection: duckdb.DuckDBPyConnection, slices: int) -> list[dict[str, Any]]:
    counted = []
    for schema, table, style in connection.execute(_KEYED).fetchall():
        if style and style.startswith("KEY("):
            key = Relation(style.removeprefix("KEY(").removesuffix(")"))
            there = Relation(table, schema)
            sql = f"select (hash({key}) % {slices})::integer, count(*) from {there} group by 1"  # noqa: S608  # quoted
            rows = dict(connection.execute(sql).fetchall())
            for number in range(slices):
                names = {"schema_name": schema, "table_name": table}
                counted.append({**names, "slice": number, "row_count": rows.get(number, 0)})
    return counted


def _measure(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    sizes = []
    for schema, table, _style in connection.execute(_KEYED).fetchall():
        sql = "select count(distinct block_id) from pragma_storage_info(?) where block_id >= 0"
        ((blocks,),) = connection.execute(sql, [str(Relation(table, schema))]).fetchall()
        sizes.append({"schema_name": schema, "table_name": table, "bytes": blocks * _BLOCK_BYTES})
    return sizes
