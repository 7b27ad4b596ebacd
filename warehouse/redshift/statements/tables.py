"""What is written down of a table beside its columns, and tables that are made from a query."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

from warehouse.redshift.dialect.moments import NOW
from warehouse.redshift.dialect.sql_types import Type
from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.statements.column_types import read_type, written_type
from warehouse.redshift.statements.columns import ColumnDefinition, duckdb_column, record_columns
from warehouse.redshift.statements.command import Context, quoted
from warehouse.redshift.statements.layout import Layout
from warehouse.redshift.statements.reader import Reader
from warehouse.redshift.statements.relations import Found, check_once

if TYPE_CHECKING:
    from warehouse.redshift.dialect.translate import Statement

_SUFFIXES = {"p": "pkey", "u": "key", "f": "fkey"}


@dataclass(frozen=True, slots=True)
class Constraint:
    """A key of a table, which nothing enforces.

    Attributes:
        name: As it is said, or nothing.
        kind: p(rimary), u(nique) or f(oreign).
        columns: Of the table.
        reference: Of a foreign key, the other's schema, name and columns.
    """

    name: str
    kind: str
    columns: tuple[str, ...]
    reference: tuple[str, str, tuple[str, ...]] | None = None


def record_table(context: Context, table: Found, layout: Layout) -> None:
    """Write down a table that is new."""
    row = (table.schema, table.name, context.user, layout.diststyle, layout.sort_style, layout.is_backed_up)
    context.do("insert into _system.tables values (?, ?, ?, ?, ?, ?, now()::timestamp)", *row)


def record_layout(context: Context, table: Found, layout: Layout) -> None:
    """Write down the keys of a table's layout, in the place of those that it had."""
    where = '"schema" = ? and "table" = ?'
    sql = f'update _system.columns set is_distkey = "column" = ?, sortkey = 0 where {where}'  # noqa: S608  # ours
    context.do(sql, layout.dist_key, table.schema, table.name)
    for place, name in enumerate(layout.sort_keys, start=1):
        sign = -1 if layout.sort_style == "INTERLEAVED" and place % 2 == 0 else 1
        sql = f'update _system.columns set sortkey = ? where {where} and "column" = ?'  # noqa: S608  # ours
        context.do(sql, sign * place, table.schema, table.name, name)
    sql = f"update _system.tables set diststyle = ?, sort_style = ?, is_backed_up = ? where {where}"  # noqa: S608
    row = (layout.diststyle, layout.sort_style, layout.is_backed_up)
    context.do(sql, *row, table.schema, table.name)


def recorded_layout(context: Context, table: Found) -> Layout:
    """Return the layout of a table as it is written down."""
    sql = 'select diststyle, sort_style, is_backed_up from _system.tables where "schema" = ? and "table" = ?'
    ((diststyle, sort_style, is_backed_up),) = context.rows(sql, table.schema, table.name)
    sql = """
        select "column", is_distkey, sortkey from _system.columns where "schema" = ? and "table" = ?
        order by abs(sortkey)
    """
    rows = context.rows(sql, table.schema, table.name)
    dist_key = next((name for name, is_distkey, _ in rows if is_distkey), "")
    sort_keys = tuple(name for name, _, place in rows if place)
    style = "KEY" if dist_key else "" if diststyle.startswith("AUTO") else diststyle
    return Layout(style, dist_key, sort_style, sort_keys, is_backed_up)


def record_constraints(context: Context, table: Found, constraints: Iterable[Constraint]) -> None:
    """Write down the keys of a table.

    Raises:
        RedshiftError: A name is taken, or a second primary key.
    """
    for each in constraints:
        parts = (table.name, *(() if each.kind == "p" else each.columns), _SUFFIXES[each.kind])
        name = each.name or "_".join(parts)
        sql = 'select name, kind from _system.constraints where "schema" = ? and "table" = ?'
        there = context.rows(sql, table.schema, table.name)
        if each.kind == "p" and any(kind == "p" for _, kind in there):
            msg = f'multiple primary keys for table "{table.name}" are not allowed'
            raise RedshiftError(msg, "42P16")
        taken = {taken for taken, _ in there}
        if not each.name:  # as PostgreSQL numbers the names that it makes
            name = next(found for end in count() if (found := f"{name}{end or ''}") not in taken)
        if name in taken:
            msg = f'constraint "{name}" for relation "{table.name}" already exists'
            raise RedshiftError(msg, "42710")
        schema, other, columns = each.reference or (None, None, ())
        row = (table.schema, table.name, name, each.kind, list(each.columns), schema, other, list(columns))
        context.do("insert into _system.constraints values (?, ?, ?, ?, ?, ?, ?, ?)", *row)


def fill_from_query(
    context: Context, table: Found, names: tuple[str, ...], query: "Statement", layout: Layout
) -> int:
    """Create a table from the rows of a query, and return how many they are.

    Raises:
        RedshiftError: A column's type is none of Redshift's, or the layout names none of the columns.
    """
    if query.kind != "query":
        msg = "syntax error: a query must follow AS"
        raise RedshiftError(msg, "42601")
    called = (*names, *(name for name, _ in query.made[len(names) :]))
    check_once(called)
    parameters = {NOW: datetime.now(UTC).replace(tzinfo=None)} if query.is_timed else None
    run = context.connection.execute
    kinds = [kind for _, kind, *_ in run(f"describe {query.sql}", parameters).fetchall()]
    columns = [
        _made(context, name, _kind(made, kind), table)
        for name, (_, made), kind in zip(called, query.made, kinds, strict=True)
    ]
    temporary = "temporary " if table.is_temporary else ""
    definitions = ", ".join(duckdb_column(context, each) for each in columns)
    context.do(f"create {temporary}table {table} ({definitions})")
    ((rows,),) = run(f"insert into {table} {query.sql}", parameters).fetchall()
    _record_made(context, table, layout, columns)
    return int(rows)


def record_made(context: Context, table: Found, layout: Layout, made: Sequence[Type]) -> None:
    """Write down a table that DuckDB made, whose columns are those of a query."""
    described = context.rows(f"describe {table}")
    for name, kind, *_ in described:
        if kind == "HUGEINT":
            context.do(f"alter table {table} alter {quoted(name)} type decimal(38, 0)")
    columns = [
        _made(context, name, _kind(own, kind), table)
        for (name, kind, *_), own in zip(described, made, strict=True)
    ]
    _record_made(context, table, layout, columns)


def _kind(made: Type, duckdb: str) -> str:
    return str(made) if made.is_text and made.size else duckdb


def _made(context: Context, name: str, kind: str, table: Found) -> ColumnDefinition:
    written = kind if kind.startswith("character") else written_type(kind)
    if not written:
        msg = f"column `{name}` of `{table.name}` would be of type {kind}, which is not there; cast it"
        raise RedshiftError(msg, "42P16")
    return ColumnDefinition(name, read_type(Reader(written, context.database)))


def _record_made(context: Context, table: Found, layout: Layout, columns: list[ColumnDefinition]) -> None:
    layout.check(tuple(each.name for each in columns))
    record_table(context, table, layout)
    record_columns(context, table, columns)
    if layout.has_keys:
        record_layout(context, table, layout)
