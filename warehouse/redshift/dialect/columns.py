"""Columns by their names, and what lies inside a SUPER column."""

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed, call, string
from warehouse.redshift.dialect.scope import Scope
from warehouse.redshift.dialect.sql_types import SUPER, Type
from warehouse.redshift.errors import RedshiftError


def column(node: exp.Column, scope: Scope) -> Typed:
    """Read a column, or a path into one that is a SUPER: `source.column.attribute`.

    Raises:
        RedshiftError: There is none, or it is no SUPER.
    """
    names = [part.name for part in node.parts]
    found, rest = _find(names, scope)
    if found is None:
        where = f" in {names[-2]}" if len(names) > 1 and scope.source(names[-2]) is not None else ""
        missing = names[-1]
        if len(names) > 1 and not where:
            msg = f'missing FROM-clause entry for table "{names[-2]}"'
            raise RedshiftError(msg, "42P01")
        msg = f'column "{missing}" does not exist{where}'
        raise RedshiftError(msg, "42703")
    base, kind = found
    if not rest:
        return Typed(base, kind)
    return inside(Typed(base, kind), "".join(f'."{name}"' for name in rest))


def _find(names: list[str], scope: Scope) -> tuple[tuple[exp.Expr, Type] | None, list[str]]:
    """Take the longest reading: schema.source.column, source.column, column; what is left is a path."""
    for skip in (1, 0):
        if len(names) > skip + 1 and (columns := scope.source(names[skip])) and names[skip + 1] in columns:
            kind = columns[names[skip + 1]]
            base = exp.column(names[skip + 1], table=names[skip], quoted=True)
            return (base, kind), names[skip + 2 :]
    if found := scope.find(names[0]):
        is_path = len(names) > 1
        if not is_path or found[1] == SUPER:
            return found, names[1:]
    return None, []


def inside(value: Typed, path: str) -> Typed:
    """Return what a path of JSON finds in a SUPER; nothing where the path does not lead.

    Raises:
        RedshiftError: The value is no SUPER.
    """
    if value.type != SUPER:
        msg = f"navigation is of SUPER; this is {value.type}"
        raise RedshiftError(msg)
    node = value.node
    if isinstance(node, exp.Anonymous) and node.name == "json_extract":
        base, before = node.expressions
        return Typed(call("json_extract", base, string(before.name + path)), SUPER)
    return Typed(call("json_extract", node, string("$" + path)), SUPER)
