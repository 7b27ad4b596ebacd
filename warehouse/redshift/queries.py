"""A query's rows: bound by DuckDB, read as Arrow, with Redshift's types for their columns."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.redshift.catalogue import tables as catalogue
from warehouse.redshift.dialect.moments import NOW
from warehouse.redshift.dialect.tokens import Relation
from warehouse.redshift.dialect.translate import Statement
from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.reasons import streamed
from warehouse.redshift.result import Column, Result

_BATCH_ROWS = 100_000


def parameters_of(statement: Statement) -> dict[str, Any] | None:
    """Return what DuckDB is to be given with a statement."""
    return {NOW: datetime.now(UTC).replace(tzinfo=None)} if statement.is_timed else None


def query(connection: duckdb.DuckDBPyConnection, statement: Statement, most_bytes: int) -> Result:
    """Run a query and return its rows.

    Raises:
        RedshiftError: They are larger than `most_bytes` in memory, or of a type that Redshift has not.
    """
    relation = _relation(connection, statement)
    columns = _columns(relation, statement)
    reader = relation.to_arrow_reader(_BATCH_ROWS)
    batches, size = [], 0
    with reader:
        for batch in streamed(reader):
            batches.append(batch)
            size += batch.nbytes
            if size > most_bytes:
                msg = f"a result may have {most_bytes} bytes; add a LIMIT, or UNLOAD it"
                raise RedshiftError(msg, "54000")
    table = pa.Table.from_batches(batches, reader.schema)
    return Result("SELECT", columns, table, table.num_rows)


def columns_of(connection: duckdb.DuckDBPyConnection, statement: Statement) -> tuple[Column, ...]:
    """Return the columns of a query, which is bound and not run.

    Raises:
        RedshiftError: One is of a type that Redshift has not.
    """
    return _columns(_relation(connection, statement), statement)


def _relation(connection: duckdb.DuckDBPyConnection, statement: Statement) -> duckdb.DuckDBPyRelation:
    """Return a query's result before it is there: DuckDB has bound it and runs it when it is read."""
    return _without_arrays(connection.sql(statement.sql, params=parameters_of(statement)))


def _columns(relation: duckdb.DuckDBPyRelation, statement: Statement) -> tuple[Column, ...]:
    columns = tuple(
        _column(name.rstrip(" "), str(kind))  # blanks tell two columns of one name apart
        for name, kind in zip(relation.columns, relation.types, strict=True)
    )
    if not any(kind.is_text and kind.size for _, kind in statement.made):
        return columns
    return tuple(
        replace(column, precision=kind.size) if kind.is_text else column
        for column, (_, kind) in zip(columns, statement.made, strict=True)
    )


def _without_arrays(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Write arrays, which only the system's relations have, as PostgreSQL writes them as text."""
    if not any(str(kind).endswith("[]") for kind in relation.types):
        return relation
    columns = [
        f"'{{' || array_to_string({Relation(name)}, ',') || '}}' as {Relation(name)}"
        if str(kind).endswith("[]")
        else str(Relation(name))
        for name, kind in zip(relation.columns, relation.types, strict=True)
    ]
    return relation.project(", ".join(columns))


def _column(name: str, kind: str) -> Column:
    found = catalogue.type_of(kind)
    if found is None:
        msg = f"column `{name}` of the result is of a type that is not there; cast it"
        raise RedshiftError(msg)
    return Column(name, *found)
