"""CREATE VIEW: bound to what it reads, or WITH NO SCHEMA BINDING.

Source: https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_VIEW.html.
"""

from dataclasses import dataclass

from warehouse.redshift.dialect.tokens import Relation, word
from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.result import Result
from warehouse.redshift.statements.command import Command, Context
from warehouse.redshift.statements.reader import Reader
from warehouse.redshift.statements.relations import Found, check_free, find, place_of
from warehouse.redshift.statements.views import (
    bind,
    bind_late,
    create_in_duckdb,
    declare,
    follow,
    is_of_system,
    look_up,
    mentioned,
    remember,
    rendered,
)


@dataclass(frozen=True, slots=True)
class CreateView:
    """CREATE [OR REPLACE] VIEW name [(columns)] AS query [WITH NO SCHEMA BINDING]."""

    relation: Relation
    columns: tuple[str, ...]
    query: str
    is_replaced: bool
    is_late: bool

    def run(self, context: Context) -> Result:
        """Create it, or put it in the place of one that has the same columns."""
        place = place_of(context, self.relation)
        view = Found(place.schema, place.name, "view")
        before = self._replaced(context, view)
        if self.is_late:
            self._mention(context, view)
            look_up(context, view, list(self.columns), self.query)
            self._record(context, view, "late", "")
        else:
            query, bases, kinds = bind(context, self.query, self.columns)
            create_in_duckdb(context, view, list(self.columns), rendered(query, bases))
            if before:
                _check_columns(context, view, before)
            remember(context, view, bases)
            declare(context, view, kinds)
            self._record(context, view, "bound", query)
        bind_late(context, view)
        if before:
            follow(context, view)
        return Result("CREATE VIEW")

    def _replaced(self, context: Context, view: Found) -> list[tuple[str, str]]:
        """Forget a view that is to be replaced; return its columns where those that read it count on them."""
        if not self.is_replaced:
            check_free(context, view)
            return []
        if (found := find(context, Relation(view.name, view.schema))) is None:
            return []
        if found.kind != "view":
            msg = f'"{view.name}" is not a view'
            raise RedshiftError(msg, "42809")
        sql = 'select kind from _system.views where "schema" = ? and "view" = ?'
        ((kind,),) = context.rows(sql, view.schema, view.name)
        for record in ("views", "dependencies", "mentions"):
            sql = f'delete from _system.{record} where "schema" = ? and "view" = ?'  # noqa: S608  # ours
            context.do(sql, view.schema, view.name)
        return _columns(context, view) if kind == "bound" and not self.is_late else []

    def _mention(self, context: Context, view: Found) -> None:
        for each in sorted(mentioned(self.query), key=str):
            if not each.schema:
                msg = "all relation names of a view with no schema binding must be qualified with a schema"
                raise RedshiftError(msg, "42601")
            if not is_of_system(each):
                row = (view.schema, view.name, each.schema, each.name)
                context.do("insert into _system.mentions values (?, ?, ?, ?)", *row)

    def _record(self, context: Context, view: Found, kind: str, query: str) -> None:
        row = (view.schema, view.name, context.user, kind, list(self.columns), self.query, query)
        context.do("insert into _system.views values (?, ?, ?, ?, ?, ?, ?, now()::timestamp)", *row)


def create_view(reader: Reader, *, is_replaced: bool) -> Command:
    """Read what follows CREATE VIEW."""
    relation = reader.relation()
    columns = reader.names() if (token := reader.peek()) and word(token) == "(" else ()
    reader.expect("as")
    is_late = reader.cut_end("with", "no", "schema", "binding")
    query = reader.rest()
    return CreateView(relation, columns, query, is_replaced, is_late)


def _columns(context: Context, view: Found) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind, *_ in context.rows(f"describe {view}")]


def _check_columns(context: Context, view: Found, before: list[tuple[str, str]]) -> None:
    """AWS: a view is replaced by one with the identical set of columns, of the same names and types."""
    after = _columns(context, view)
    if len(after) < len(before):
        msg = "cannot drop columns from view"
        raise RedshiftError(msg, "42P16")
    for (name, kind), (new_name, new_kind) in zip(before, after, strict=False):
        if name != new_name:
            msg = f'cannot change name of view column "{name}" to "{new_name}"'
            raise RedshiftError(msg, "42P16")
        if kind != new_kind:
            msg = f'cannot change data type of view column "{name}" from {kind} to {new_kind}'
            raise RedshiftError(msg, "42P16")
    if len(after) > len(before):
        msg = f'cannot add column "{after[len(before)][0]}" to view; drop it first'
        raise RedshiftError(msg, "42P16")
