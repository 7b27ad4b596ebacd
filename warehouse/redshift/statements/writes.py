"""What a change of rows must not do, and what it makes stale."""

from warehouse.redshift.dialect.tokens import Relation
from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.statements.command import Context
from warehouse.redshift.statements.relations import Found, find

_SPECIAL = """
select exists (from _system.materialized_views), exists (from _system.columns where identity = 'always')
"""


def before_write(
    context: Context, relation: Relation, columns: tuple[str, ...] | None = None
) -> Found | None:
    """Return the relation that is to be written, where others must know of it.

    Args:
        context: Of the session.
        relation: As the statement names it.
        columns: That an INSERT names; None for other statements.

    Raises:
        NotSupportedError: An INSERT that names no columns, into a table that counts one of them.
        RedshiftError: It is a materialized view, or a column that counts by itself.
    """
    if context.special is None:
        (context.special,) = context.rows(_SPECIAL)
    has_views, has_identities = context.special
    if not has_views and not has_identities:
        return None
    found = find(context, relation)
    if found is None:
        return None
    if found.kind == "materialized view":
        msg = f'cannot change materialized view "{found.name}"; refresh it'
        raise RedshiftError(msg, "42809")
    if has_identities and columns is not None:
        _check_identities(context, found, columns)
    return found if has_views else None


def _check_identities(context: Context, found: Found, columns: tuple[str, ...]) -> None:
    sql = """
        select "column" from _system.columns where "schema" = ? and "table" = ? and identity = 'always'
    """
    for (name,) in context.rows(sql, found.schema, found.name):
        if not columns:
            feature = (
                f"INSERT without a list of columns into {found.name}, whose column {name} is an IDENTITY"
            )
            raise NotSupportedError(feature)
        if name in columns:
            msg = f'cannot set an identity column to a value: "{name}"'
            raise RedshiftError(msg, "0A000")


def after_write(context: Context, written: Found | None) -> None:
    """Make stale what reads it."""
    if written:
        note_change(context, written)


def note_change(context: Context, written: Found) -> None:
    """Make the materialized views stale that read a table or view that was written."""
    sql = """
        with recursive reached as (
            select d."schema" as s, d."view" as v from _system.dependencies as d
            where d.on_schema = $1 and d.on_relation = $2
            union
            select d."schema", d."view" from _system.dependencies as d
            join reached as r on d.on_schema = r.s and d.on_relation = r.v
            join _system.views as w on w."schema" = r.s and w."view" = r.v and w.kind = 'bound'
        )
        insert into _system.changes select m."schema", m."view" from _system.materialized_views as m
        join reached as r on r.s = m."schema" and r.v = m."view"
    """
    context.do(sql, written.schema, written.name)


def forget_temporary(context: Context) -> None:
    """Take away the records of a session's temporary tables, which end with it."""
    if context.has_temporary:
        for record in ("tables", "columns", "constraints"):
            context.do(f'delete from _system.{record} where "schema" = ?', context.temporary_schema)  # noqa: S608
