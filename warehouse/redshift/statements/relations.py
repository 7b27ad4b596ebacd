"""Relations of users: found by name as a session sees them, dropped with what depends on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from warehouse.redshift.dialect.names import SYSTEM, check_written
from warehouse.redshift.dialect.tokens import Relation
from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.statements.command import Context, quoted

Kind = Literal["table", "view", "materialized view"]

_FIND = """
select "schema", 'table' from _system.tables where "table" = $1
union all select "schema", kind from _system.views where "view" = $1
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A relation that is there.

    Attributes:
        schema: As the records call it; `pg_temp_` and a number for a temporary table.
        name: Of the relation.
        kind: What it is.
        is_temporary: Whether it ends with its session.
    """

    schema: str
    name: str
    kind: Kind
    is_temporary: bool = False

    def __str__(self) -> str:
        """As DuckDB's SQL names it."""
        return (
            f"temp.main.{quoted(self.name)}" if self.is_temporary else str(Relation(self.name, self.schema))
        )


def find(context: Context, relation: Relation) -> Found | None:
    """Return a relation as the session finds it; None where it is not there."""
    kinds: dict[str, Kind] = {}
    for schema, kind in context.rows(_FIND, relation.name):
        if kind == "materialized":
            kinds[schema] = "materialized view"
        else:  # one that is materialized is recorded as a table, too
            kinds.setdefault(schema, "table" if kind == "table" else "view")
    path = [relation.schema] if relation.schema else context.path()
    place = next((schema for schema in path if schema in kinds), None)
    if place is None:
        return None
    return Found(place, relation.name, kinds[place], is_temporary=place == context.temporary_schema)


def require(context: Context, relation: Relation, *kinds: Kind) -> Found:
    """Return a relation as the session finds it.

    Raises:
        RedshiftError: It is not there, or is of another kind.
    """
    check_written(relation)
    found = find(context, relation)
    if found is None:
        msg = f'relation "{relation.name}" does not exist'
        raise RedshiftError(msg, "42P01")
    if kinds and found.kind not in kinds:
        msg = f'"{found.name}" is not a {" or ".join(kinds)}; it is a {found.kind}'
        raise RedshiftError(msg, "42809")
    return found


def place_of(context: Context, relation: Relation, *, is_temporary: bool = False) -> Found:
    """Return where a new relation goes.

    Raises:
        RedshiftError: The schema is not there, or is the system's.
    """
    check_written(relation)
    if is_temporary:
        if relation.schema:
            msg = "temporary tables cannot specify a schema name"
            raise RedshiftError(msg, "42P16")
        context.has_temporary = True
        return Found(context.temporary_schema, relation.name, "table", is_temporary=True)
    schema = relation.schema
    if not schema:
        ((schema,),) = context.rows("select current_schemas(false)[1]")
        if schema == "main":  # stands last in the path, for DuckDB's own
            msg = "no schema has been selected to create in"
            raise RedshiftError(msg, "3F000")
    require_schema(context, schema)
    return Found(schema, relation.name, "table")


def require_schema(context: Context, schema: str) -> None:
    """Refuse a schema that is not there.

    Raises:
        RedshiftError: It is not.
    """
    if not has_schema(context, schema):
        msg = f'schema "{schema}" does not exist'
        raise RedshiftError(msg, "3F000")


def has_schema(context: Context, schema: str) -> bool:
    """Return whether a schema of users is there."""
    sql = """
        select 1 from duckdb_schemas() where database_name = current_database() and schema_name = ?
        and not internal and schema_name <> ?
    """
    return bool(context.rows(sql, schema, SYSTEM))


def columns_of(context: Context, found: Found) -> tuple[str, ...]:
    """Return the names of a relation's columns, in their order."""
    return tuple(name for name, *_ in context.rows(f"describe {found}"))


def dependents(context: Context, found: Found) -> list[Found]:
    """Return the views that read a relation, bound and materialized ones, each once."""
    sql = """
        select distinct v."schema", v."view", v.kind from _system.dependencies as d
        join _system.views as v on v."schema" = d."schema" and v."view" = d."view"
        where d.on_schema = ? and d.on_relation = ? order by all
    """
    return [
        Found(schema, name, "materialized view" if kind == "materialized" else "view")
        for schema, name, kind in context.rows(sql, found.schema, found.name)
    ]


def drop(context: Context, found: Found, *, is_cascade: bool) -> None:
    """Drop a relation, and on CASCADE the views that read it.

    Raises:
        RedshiftError: Views read it, and they are not to fall.
    """
    if others := dependents(context, found):
        if not is_cascade:
            names = ", ".join(f"{each.kind} {each.name}" for each in others)
            what = f"{found.kind} {found.name}"
            msg = (
                f"cannot drop {what} because other objects depend on it: {names} depends on {what}; "
                "use DROP ... CASCADE to drop the dependent objects too"
            )
            raise RedshiftError(msg, "2BP01")
        for each in others:
            if find(context, Relation(each.name, each.schema)):  # it may have fallen with another
                drop(context, each, is_cascade=True)
    context.do(f"drop {'view' if found.kind == 'view' else 'table'} if exists {found}")
    forget(context, found)


def forget(context: Context, found: Found) -> None:
    """Take away every record of a relation that is gone, and the sequences of its identities."""
    sql = 'select sequence from _system.columns where "schema" = ? and "table" = ? and sequence is not null'
    for (sequence,) in context.rows(sql, found.schema, found.name):
        context.do(f"drop sequence if exists {sequence}")
    for record, column in _RECORDS.items():
        sql = f'delete from _system.{record} where "schema" = ? and "{column}" = ?'  # noqa: S608  # ours
        context.do(sql, found.schema, found.name)


def rename(context: Context, found: Found, name: str) -> Found:
    """Give a relation another name, in DuckDB and in every record of it.

    Raises:
        RedshiftError: The name is taken.
    """
    new = Found(found.schema, name, found.kind, found.is_temporary)
    check_free(context, new)
    context.do(f"alter {'view' if found.kind == 'view' else 'table'} {found} rename to {quoted(name)}")
    for record, column in _RECORDS.items():
        sql = f'update _system.{record} set "{column}" = ? where "schema" = ? and "{column}" = ?'  # noqa: S608
        context.do(sql, name, found.schema, found.name)
    sql = "update _system.dependencies set on_relation = ? where on_schema = ? and on_relation = ?"
    context.do(sql, name, found.schema, found.name)
    return new


def check_once(names: Sequence[str]) -> None:
    """Refuse two columns of one name.

    Raises:
        RedshiftError: There are.
    """
    if twice := [name for name in names if names.count(name) > 1]:
        msg = f'column "{twice[0]}" specified more than once'
        raise RedshiftError(msg, "42701")


def check_free(context: Context, new: Found) -> None:
    """Refuse the name of a relation that is there already.

    Raises:
        RedshiftError: It is taken.
    """
    if find(context, Relation(new.name, new.schema)):
        msg = f'relation "{new.name}" already exists'
        raise RedshiftError(msg, "42P07")


_RECORDS = {
    "tables": "table",
    "columns": "table",
    "constraints": "table",
    "views": "view",
    "dependencies": "view",
    "mentions": "view",
    "materialized_views": "view",
    "changes": "view",
    "comments": "relation",
    "grants": "relation",
}
"""The records of a relation, and the column of each that names it."""
