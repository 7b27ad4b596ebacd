"""Materialized views: tables that hold the rows of a query, and are computed whole at each REFRESH.

Source: AWS, "CREATE MATERIALIZED VIEW", "REFRESH MATERIALIZED VIEW". One is stale where a table that it reads
was written after its last refresh. AUTO REFRESH YES is recorded; nothing refreshes by itself here.
"""

from dataclasses import dataclass

from warehouse.redshift.dialect.tokens import Relation, word
from warehouse.redshift.errors import NotSupportedError
from warehouse.redshift.result import Result
from warehouse.redshift.statements.alter_table import AlterTable, Own, Rename
from warehouse.redshift.statements.command import Command, Context, quoted
from warehouse.redshift.statements.layout import Layout, read_layout
from warehouse.redshift.statements.reader import Reader
from warehouse.redshift.statements.relations import Found, check_free, find, place_of, require
from warehouse.redshift.statements.tables import record_made
from warehouse.redshift.statements.views import bases_of, bind, bind_late, remember, rendered
from warehouse.redshift.statements.writes import note_change


@dataclass(frozen=True, slots=True)
class CreateMaterializedView:
    """CREATE MATERIALIZED VIEW name [attributes] [AUTO REFRESH YES | NO] AS query."""

    relation: Relation
    names: tuple[str, ...]
    layout: Layout
    is_auto_refreshed: bool
    query: str

    def run(self, context: Context) -> Result:
        """Create it with the rows of its query."""
        place = place_of(context, self.relation)
        view = Found(place.schema, place.name, "materialized view")
        check_free(context, view)
        query, bases, kinds = bind(context, self.query, self.names)
        named = f" ({', '.join(map(quoted, self.names))})" if self.names else ""
        context.do(f"create table {view}{named} as {rendered(query, bases)}")
        record_made(context, view, self.layout, kinds)
        remember(context, view, bases)
        row = (view.schema, view.name, context.user, list(self.names), self.query, query)
        sql = "insert into _system.views values (?, ?, ?, 'materialized', ?, ?, ?, now()::timestamp)"
        context.do(sql, *row)
        sql = "insert into _system.materialized_views values (?, ?, now()::timestamp, ?)"
        context.do(sql, view.schema, view.name, self.is_auto_refreshed)
        bind_late(context, view)
        return Result("CREATE MATERIALIZED VIEW")


@dataclass(frozen=True, slots=True)
class Refresh:
    """REFRESH MATERIALIZED VIEW name [CASCADE | RESTRICT]."""

    relation: Relation
    is_cascade: bool

    def run(self, context: Context) -> Result:
        """Compute it anew; on CASCADE, those that it reads before it."""
        self._refresh(context, require(context, self.relation, "materialized view"))
        return Result("REFRESH MATERIALIZED VIEW")

    def _refresh(self, context: Context, view: Found) -> None:
        bases = bases_of(context, view)
        if self.is_cascade:
            for base in bases:
                found = find(context, Relation(base.found.name, base.found.schema))
                if found and found.kind == "materialized view":
                    self._refresh(context, found)
        sql = 'select query from _system.views where "schema" = ? and "view" = ?'
        ((query,),) = context.rows(sql, view.schema, view.name)
        context.do(f"delete from {view}")  # noqa: S608  # quoted
        context.do(f"insert into {view} {rendered(query, bases)}")
        where = '"schema" = ? and "view" = ?'
        context.do(f"delete from _system.changes where {where}", view.schema, view.name)  # noqa: S608  # ours
        sql = f"update _system.materialized_views set refreshed = now()::timestamp where {where}"  # noqa: S608
        context.do(sql, view.schema, view.name)
        note_change(context, view)


@dataclass(frozen=True, slots=True)
class AutoRefresh:
    """ALTER MATERIALIZED VIEW name AUTO REFRESH YES | NO: recorded."""

    relation: Relation
    is_auto_refreshed: bool

    def run(self, context: Context) -> Result:
        """Record it."""
        view = require(context, self.relation, "materialized view")
        sql = 'update _system.materialized_views set is_auto_refreshed = ? where "schema" = ? and "view" = ?'
        context.do(sql, self.is_auto_refreshed, view.schema, view.name)
        return Result("ALTER MATERIALIZED VIEW")


def create_materialized(reader: Reader) -> Command:
    """Read what follows CREATE MATERIALIZED VIEW."""
    relation = reader.relation()
    token = reader.peek()
    names = reader.names() if token and word(token) == "(" else ()
    layout = read_layout(reader)
    is_auto_refreshed = False
    while answer := reader.take_one("auto refresh yes", "auto refresh no"):
        is_auto_refreshed = answer.endswith("yes")
        layout = read_layout(reader, layout)
    reader.expect("as")
    return CreateMaterializedView(relation, names, layout, is_auto_refreshed, reader.rest())


def refresh(reader: Reader) -> Command:
    """Read what follows REFRESH MATERIALIZED VIEW."""
    relation = reader.relation()
    is_cascade = reader.take_one("cascade", "restrict") == "cascade"
    reader.end()
    return Refresh(relation, is_cascade)


def alter_materialized(reader: Reader) -> Command:
    """Read what follows ALTER MATERIALIZED VIEW."""
    relation = reader.relation()
    command: Command
    if answer := reader.take_one("auto refresh yes", "auto refresh no"):
        command = AutoRefresh(relation, answer.endswith("yes"))
    elif reader.take("rename", "to"):
        command = AlterTable(relation, Rename(reader.identifier()))
    elif reader.take("owner", "to"):
        command = AlterTable(relation, Own(reader.identifier()))
    else:
        feature = f"ALTER MATERIALIZED VIEW … {reader.keyword().upper()}"
        raise NotSupportedError(feature)
    reader.end()
    return command
