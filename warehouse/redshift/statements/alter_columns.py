"""ALTER TABLE where it changes columns or rows.

DuckDB can neither add nor change a CHECK, and adds NOT NULL only where no row was changed of late. So a table
is written anew where something new is to be enforced: when a text or NOT NULL column is added, or another
length is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import exp, parse_one

from warehouse.redshift.dialect.tokens import Relation
from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.statements.column_types import ColumnType
from warehouse.redshift.statements.columns import (
    ColumnDefinition,
    duckdb_column,
    duckdb_default,
    record_columns,
    recorded_columns,
)
from warehouse.redshift.statements.command import Context, quoted
from warehouse.redshift.statements.relations import Found, drop, require
from warehouse.redshift.statements.tables import recorded_layout
from warehouse.redshift.statements.views import follow

_WITHOUT_CHANGE = {"bytedict", "runlength", "text255", "text32k"}
"""AWS, "ALTER TABLE": a column of these encodings takes no other length."""


@dataclass(frozen=True, slots=True)
class AddColumn:
    """ADD COLUMN: rows that are there get its default."""

    column: ColumnDefinition

    def apply(self, context: Context, table: Found) -> None:
        """Add it."""
        columns, column = recorded_columns(context, table), self.column
        if any(each.name == column.name for each in columns):
            msg = f'column "{column.name}" of relation "{table.name}" already exists'
            raise RedshiftError(msg, "42701")
        if column.identity:
            feature = "ALTER TABLE … ADD COLUMN with an IDENTITY"
            raise NotSupportedError(feature)
        if column.is_not_null and column.default is None:
            msg = "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression"
            raise RedshiftError(msg, "42601")
        default = duckdb_default(context, column)
        if column.type.length or column.is_not_null:
            _write_anew(context, table, [*columns, column], [*map(_name, columns), default or "null"])
        else:
            there = f" default ({default})" if default else ""
            context.do(f"alter table {table} add column {quoted(column.name)} {column.type.duckdb}{there}")
        record_columns(context, table, [column], len(columns) + 1)


@dataclass(frozen=True, slots=True)
class RenameColumn:
    """RENAME COLUMN: bound views keep its old name for what they show."""

    old: str
    new: str

    def apply(self, context: Context, table: Found) -> None:
        """Rename it, in DuckDB and in every record."""
        columns = recorded_columns(context, table)
        _require(columns, self.old, table)
        if any(each.name == self.new for each in columns):
            msg = f'column "{self.new}" of relation "{table.name}" already exists'
            raise RedshiftError(msg, "42701")
        context.do(f"alter table {table} rename column {quoted(self.old)} to {quoted(self.new)}")
        where = (table.schema, table.name)
        for record, relation in (("columns", "table"), ("comments", "relation"), ("grants", "relation")):
            sql = f"""
                update _system.{record} set "column" = ?
                where "schema" = ? and "{relation}" = ? and "column" = ?
            """  # noqa: S608  # ours
            context.do(sql, self.new, *where, self.old)
        for record, schema, relation in (
            ("constraints", "schema", "table"),
            ("dependencies", "on_schema", "on_relation"),
        ):
            sql = f"""
                update _system.{record} set columns = [case when c = ? then ? else c end for c in columns]
                where "{schema}" = ? and "{relation}" = ?
            """  # noqa: S608  # ours
            context.do(sql, self.old, self.new, *where)
        layout = recorded_layout(context, table)
        sql = 'update _system.tables set diststyle = ? where "schema" = ? and "table" = ?'
        context.do(sql, layout.diststyle, *where)
        follow(context, table)


@dataclass(frozen=True, slots=True)
class DropColumn:
    """DROP COLUMN [CASCADE]: bound views that show it hold it until CASCADE, which drops them."""

    name: str
    is_cascade: bool

    def apply(self, context: Context, table: Found) -> None:
        """Drop it."""
        columns = recorded_columns(context, table)
        column = _require(columns, self.name, table)
        layout = recorded_layout(context, table)
        if self.name in {layout.dist_key, *layout.sort_keys}:
            key = "distkey" if self.name == layout.dist_key else "sortkey"
            msg = f'cannot drop {key} column "{self.name}"'
            raise RedshiftError(msg, "2BP01")
        for view in _shows(context, table, self.name):
            if not self.is_cascade:
                msg = (
                    f"cannot drop table {table.name} column {self.name} because other objects depend on it: "
                    f"{view.kind} {view.name}; use DROP ... CASCADE to drop the dependent objects too"
                )
                raise RedshiftError(msg, "2BP01")
            drop(context, view, is_cascade=True)
        self._leave_views(context, table)
        context.do(f"alter table {table} drop column {quoted(self.name)}")
        if column.sequence:
            context.do(f"drop sequence {column.sequence}")
        self._forget(context, table)
        follow(context, table)

    def _leave_views(self, context: Context, table: Found) -> None:
        """Take it out of what views read, that do not show it."""
        sql = """
            update _system.dependencies set
                aliases = [a for a, i in aliases if columns[i] <> $name],
                columns = [c for c in columns if c <> $name]
            where on_schema = $schema and on_relation = $table
        """
        asked = {"name": self.name, "schema": table.schema, "table": table.name}
        context.connection.execute(sql, asked)

    def _forget(self, context: Context, table: Found) -> None:
        where = (table.schema, table.name)
        sql = """
            update _system.columns as c set position = position - 1
            where c."schema" = $1 and c."table" = $2 and position > (
                select d.position from _system.columns as d
                where d."schema" = $1 and d."table" = $2 and d."column" = $3)
        """
        context.do(sql, *where, self.name)
        sql = (
            'delete from _system.constraints where "schema" = ? and "table" = ? and list_contains(columns, ?)'
        )
        context.do(sql, *where, self.name)
        for record, relation in (("columns", "table"), ("comments", "relation"), ("grants", "relation")):
            sql = f'delete from _system.{record} where "schema" = ? and "{relation}" = ? and "column" = ?'  # noqa: S608
            context.do(sql, *where, self.name)


@dataclass(frozen=True, slots=True)
class ChangeType:
    """ALTER COLUMN … TYPE: of a VARCHAR, another length that all its values fit in."""

    name: str
    type: ColumnType

    def apply(self, context: Context, table: Found) -> None:
        """Write the table anew; a value that does not fit is an error."""
        if context.is_in_block():
            msg = "ALTER TABLE ALTER COLUMN cannot run inside a transaction block"
            raise RedshiftError(msg, "25001")
        columns = recorded_columns(context, table)
        column = _require(columns, self.name, table)
        varchar = "character varying("
        if not (column.type.written.startswith(varchar) and self.type.written.startswith(varchar)):
            msg = f'cannot alter type of column "{self.name}"; only the length of a VARCHAR can be altered'
            raise RedshiftError(msg, "0A000")
        if column.default is not None or column.encoding in _WITHOUT_CHANGE or self._is_key(context, table):
            what = f"with a default, a key or encoding {column.encoding}"
            msg = f'cannot alter type of column "{self.name}" {what}'
            raise RedshiftError(msg, "0A000")
        changed = [replace(each, type=self.type) if each is column else each for each in columns]
        _write_anew(context, table, changed, list(map(_name, columns)))
        sql = 'update _system.columns set "type" = ? where "schema" = ? and "table" = ? and "column" = ?'
        context.do(sql, self.type.written, table.schema, table.name, self.name)

    def _is_key(self, context: Context, table: Found) -> bool:
        sql = """
            select 1 from _system.constraints
            where "schema" = ? and "table" = ? and list_contains(columns, ?)
        """
        return bool(context.rows(sql, table.schema, table.name, self.name))


@dataclass(frozen=True, slots=True)
class Append:
    """APPEND FROM: all rows of another table move here.

    https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE_APPEND.html
    """

    source: Relation
    option: str

    def apply(self, context: Context, table: Found) -> None:
        """Move them; columns are matched by name, and must be of the same type."""
        if context.is_in_block():
            msg = "ALTER TABLE APPEND cannot run inside a transaction block"
            raise RedshiftError(msg, "25001")
        source = require(context, self.source, "table")
        if source.is_temporary or table.is_temporary or source == table:
            msg = "ALTER TABLE APPEND takes two permanent tables"
            raise RedshiftError(msg, "42809")
        here = {column.name: column.type for column in recorded_columns(context, table)}
        there = {column.name: column.type for column in recorded_columns(context, source)}
        missing, extra = here.keys() - there.keys(), there.keys() - here.keys()
        if (missing and self.option != "filltarget") or (extra and self.option != "ignoreextra"):
            names = ", ".join(sorted(missing | extra))
            msg = f"columns of {source.name} and {table.name} do not match: {names}"
            raise RedshiftError(msg, "42804")
        shared = [name for name in here if name in there]
        if other := [name for name in shared if here[name] != there[name]]:
            msg = f'column "{other[0]}" is of type {there[other[0]].written}, not {here[other[0]].written}'
            raise RedshiftError(msg, "42804")
        names = ", ".join(map(quoted, shared))
        context.do(f"insert into {table} ({names}) select {names} from {source}")  # noqa: S608  # quoted
        context.do(f"delete from {source}")  # noqa: S608  # quoted


def _require(columns: Sequence[ColumnDefinition], name: str, table: Found) -> ColumnDefinition:
    for column in columns:
        if column.name == name:
            return column
    msg = f'column "{name}" of relation "{table.name}" does not exist'
    raise RedshiftError(msg, "42703")


def _name(column: ColumnDefinition) -> str:
    return quoted(column.name)


def _write_anew(
    context: Context, table: Found, columns: Sequence[ColumnDefinition], values: Sequence[str]
) -> None:
    """Put a table with these columns, and the values of its rows for them, in a table's place."""
    definitions = ", ".join(duckdb_column(context, column) for column in columns)
    anew = Found(table.schema, "written anew", table.kind, table.is_temporary)
    temporary = "temporary " if table.is_temporary else ""
    context.do(f"create {temporary}table {anew} ({definitions})")
    context.do(f"insert into {anew} select {', '.join(values)} from {table}")  # noqa: S608  # quoted
    context.do(f"drop table {table}")
    context.do(f"alter table {anew} rename to {quoted(table.name)}")


def _shows(context: Context, table: Found, column: str) -> list[Found]:
    """Return the views that may show a column: their query says its name, or a star."""
    sql = """
        select v."schema", v."view", v.kind, v.query, d.aliases[list_position(d.columns, $3)]
        from _system.dependencies as d
        join _system.views as v on v."schema" = d."schema" and v."view" = d."view"
        where d.on_schema = $1 and d.on_relation = $2
    """
    found = []
    for schema, name, kind, query, alias in context.rows(sql, table.schema, table.name, column):
        tree = parse_one(query, read="duckdb")
        names = {each.name for each in tree.find_all(exp.Identifier)}
        is_star = any(not isinstance(each.parent, exp.Count) for each in tree.find_all(exp.Star))
        if alias in names or is_star:
            found.append(Found(schema, name, "materialized view" if kind == "materialized" else "view"))
    return found
