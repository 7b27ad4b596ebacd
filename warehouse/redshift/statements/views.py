"""Views, bound and late-binding: what they read, and what becomes of them when that is changed.

Source: AWS, "CREATE VIEW". A bound view reads columns that it found when it was made: it follows when they
and their tables are renamed, sees no columns that come later, and holds its tables until CASCADE. DuckDB's
views do none of that, so a bound one reads "base 1", "base 2", …, which are written anew when a name changes.
A view WITH NO SCHEMA BINDING is looked up whenever it is used; its tables need not be there.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp, parse_one

from warehouse.redshift.dialect.sql_types import TEXT, Type, duckdb_type
from warehouse.redshift.dialect.tokens import Relation
from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.statements.column_types import ColumnType
from warehouse.redshift.statements.columns import ColumnDefinition, record_columns
from warehouse.redshift.statements.command import Context, quoted
from warehouse.redshift.statements.relations import Found, check_once, columns_of, find


@dataclass(frozen=True, slots=True)
class Base:
    """A relation that a view reads.

    Attributes:
        found: The relation.
        columns: Of it, as they are called now.
        aliases: And when the view was made.
    """

    found: Found
    columns: tuple[str, ...]
    aliases: tuple[str, ...]


def bind(context: Context, query: str, names: tuple[str, ...]) -> tuple[str, list[Base], list[Type]]:
    """Return a view's query as DuckDB's over "base 1", "base 2", …, what those are, and its columns' types.

    Args:
        context: Of the session.
        query: As it was given.
        names: That the view gives to its first columns.

    Raises:
        NotSupportedError: It reads a temporary table.
        RedshiftError: It reads what is not there, or gives two columns of one name.
    """
    tree, kinds = context.lasting(query)
    if isinstance(tree, exp.Query):
        own = [name.rstrip(" ") for name in tree.named_selects]  # blanks tell two of one name apart
        check_once((*names, *own[len(names) :]))
    while (
        isinstance(tree, exp.Subquery) and tree.is_wrapper
    ):  # DuckDB loses a WITH in parentheses after another
        tree = tree.this
    bases: list[Base] = []
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    for column in tree.find_all(exp.Column):
        column.set("db", None)
    for table in list(tree.find_all(exp.Table)):
        if table.db == "_system" or (not table.db and table.name in ctes):
            continue
        found = _readable(context, Relation(table.name, table.db))
        numbers = [number for number, base in enumerate(bases, start=1) if base.found == found]
        if not numbers:
            columns = columns_of(context, found)
            bases.append(Base(found, columns, columns))
            numbers = [len(bases)]
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name, quoted=True)))
        table.set("this", exp.to_identifier(f"base {numbers[0]}", quoted=True))
        table.set("db", None)
    return tree.sql("duckdb", identify=True, comments=False), bases, list(kinds.values())


def _readable(context: Context, relation: Relation) -> Found:
    found = find(context, relation)
    if found is None:
        msg = f'relation "{relation.name}" does not exist'
        raise RedshiftError(msg, "42P01")
    if found.is_temporary:
        feature = f"a view that reads the temporary table {found.name}"
        raise NotSupportedError(feature)
    return found


def rendered(query: str, bases: list[Base]) -> str:
    """Return a query of DuckDB's with its bases written out.

    >>> base = Base(Found("s", "t", "table"), ("b",), ("a",))
    >>> rendered('SELECT "a" FROM "base 1" AS "t"', [base])
    'WITH "base 1" AS NOT MATERIALIZED (SELECT "b" AS "a" FROM "s"."t") SELECT "a" FROM "base 1" AS "t"'
    """
    parts = []
    for number, base in enumerate(bases, start=1):
        pairs = zip(base.columns, base.aliases, strict=True)
        names = ", ".join(f"{quoted(column)} AS {quoted(alias)}" for column, alias in pairs)
        parts.append(f'"base {number}" AS NOT MATERIALIZED (SELECT {names} FROM {base.found})')  # noqa: S608
    head = ", ".join(parts)
    for start in ("WITH RECURSIVE ", "WITH "):
        if query.startswith(start):
            return f"{start}{head}{', ' if head else ''}{query.removeprefix(start)}"
    return f"WITH {head} {query}" if head else query


def remember(context: Context, view: Found, bases: list[Base]) -> None:
    """Write down what a bound or materialized view reads."""
    for number, base in enumerate(bases, start=1):
        row = (view.schema, view.name, number, base.found.schema, base.found.name)
        sql = "insert into _system.dependencies values (?, ?, ?, ?, ?, ?, ?)"
        context.do(sql, *row, list(base.columns), list(base.aliases))


def bases_of(context: Context, view: Found) -> list[Base]:
    """Return what a bound or materialized view reads, as it is called now."""
    sql = """
        select on_schema, on_relation, columns, aliases from _system.dependencies
        where "schema" = ? and "view" = ? order by base
    """
    return [
        Base(Found(schema, name, "table"), tuple(columns), tuple(aliases))
        for schema, name, columns, aliases in context.rows(sql, view.schema, view.name)
    ]


def create_in_duckdb(context: Context, view: Found, columns: list[str], query: str) -> None:
    """Create or replace DuckDB's view."""
    names = f" ({', '.join(map(quoted, columns))})" if columns else ""
    context.do(f"create or replace view {view}{names} as {query}")


def declare(context: Context, view: Found, kinds: Iterable[Type]) -> None:
    """Write down the types of a view's columns: DuckDB knows no length of a text, and no CHAR."""
    context.do('delete from _system.columns where "schema" = ? and "table" = ?', view.schema, view.name)
    columns = [
        ColumnDefinition(name, ColumnType(str(TEXT if kind.is_unknown else kind), duckdb_type(kind)))
        for name, kind in zip(columns_of(context, view), kinds, strict=True)
    ]
    record_columns(context, view, columns)


def follow(context: Context, renamed: Found) -> None:
    """Write the bound views that read a relation anew: it, or a column of it, has another name."""
    sql = """
        select distinct v."schema", v."view", v.columns, v.query from _system.views as v
        join _system.dependencies as d on d."schema" = v."schema" and d."view" = v."view"
        where v.kind = 'bound' and d.on_schema = ? and d.on_relation = ?
    """
    for schema, name, columns, query in context.rows(sql, renamed.schema, renamed.name):
        view = Found(schema, name, "view")
        create_in_duckdb(context, view, columns, rendered(query, bases_of(context, view)))


def mentioned(definition: str) -> set[Relation]:
    """Return the relations that a query names."""
    tree = parse_one(definition, read="redshift")
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    found = {Relation(table.name.lower(), table.db.lower()) for table in tree.find_all(exp.Table)}
    return {each for each in found if each.schema or each.name not in ctes}


def bind_late(context: Context, changed: Found, known: frozenset[Found] = frozenset()) -> None:
    """Look the late-binding views up anew that name a relation: it has come, or its columns have changed."""
    if changed.is_temporary:  # which no view outlives
        return
    sql = """
        select distinct v."schema", v."view", v.columns, v.definition from _system.views as v
        join _system.mentions as m on m."schema" = v."schema" and m."view" = v."view"
        where v.kind = 'late' and m.on_schema = ? and m.on_relation = ?
    """
    for schema, name, columns, definition in context.rows(sql, changed.schema, changed.name):
        view = Found(schema, name, "view")
        if view not in known:
            look_up(context, view, columns, definition)
            bind_late(context, view, known | {view})


def look_up(context: Context, view: Found, columns: list[str], definition: str) -> None:
    """Give DuckDB a late-binding view where all that it reads is there; else it has none."""
    if all(_is_there(context, each) for each in mentioned(definition) if not is_of_system(each)):
        try:
            tree, kinds = context.lasting(definition)
        except NotSupportedError:
            raise
        except RedshiftError:  # a column that it names is not there
            context.do(f"drop view if exists {view}")
        else:
            create_in_duckdb(context, view, columns, tree.sql("duckdb", identify=True, comments=False))
            declare(context, view, kinds.values())


def _is_there(context: Context, relation: Relation) -> bool:
    """Return whether DuckDB can read it: a late-binding view may itself be waiting."""
    found = find(context, relation)
    if found is None or found.kind != "view":
        return found is not None
    sql = "select 1 from duckdb_views() where schema_name = ? and view_name = ?"
    return bool(context.rows(sql, found.schema, found.name))


def is_of_system(relation: Relation) -> bool:
    """Return whether a name is that of a system view, which is always there."""
    return relation.schema in {"information_schema", "pg_catalog"}
