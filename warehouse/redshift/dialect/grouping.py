"""GROUP BY: what its terms stand for.

Source: AWS, Amazon Redshift Database Developer Guide, "GROUP BY clause", "Aggregation extensions".
"""

from collections.abc import Sequence

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed
from warehouse.redshift.dialect.compare import without_blanks
from warehouse.redshift.dialect.peers import Key, is_padded
from warehouse.redshift.dialect.reader import Reader
from warehouse.redshift.dialect.scope import Columns, Scope
from warehouse.redshift.dialect.sql_types import INT8
from warehouse.redshift.errors import NotSupportedError


def selected(node: exp.Select, columns: Columns) -> list[Typed]:
    """Return copies of what is selected, without its names."""
    chosen = [each.this if isinstance(each, exp.Alias) else each for each in node.expressions]
    return [Typed(each.copy(), kind) for each, kind in zip(chosen, columns.values(), strict=True)]


def read_group(reader: Reader, node: exp.Select, scope: Scope, columns: Columns) -> list[Key]:
    """Read GROUP BY, and return those of its keys that a group has to choose from."""
    group = node.args.get("group")
    if not group:
        return []
    if group.args.get("all") or group.args.get("totals"):
        feature = "ALL in GROUP"
        raise NotSupportedError(feature)
    chosen = list(zip(node.expressions, selected(node, columns), strict=True))
    keys: list[Key] = []

    def read(each: exp.Expr) -> exp.Expr:
        if isinstance(each, (exp.Cube, exp.GroupingSets, exp.Rollup)):
            each.set("expressions", [read(part) for part in each.expressions])
            return each
        if isinstance(each, exp.Tuple):
            return exp.Tuple(expressions=[read(part) for part in each.expressions])
        if isinstance(each, exp.Paren):
            return exp.Paren(this=read(each.this))
        value = _grouped_by(reader, each, scope, chosen)
        if not is_padded(value):
            return each if isinstance(each, exp.Literal) else value.node
        keys.append(Key(value.node.copy(), without_blanks(value)))
        return keys[-1].plain.copy()

    group.set("expressions", [read(each) for each in group.expressions])
    return keys


def _grouped_by(
    reader: Reader, node: exp.Expr, scope: Scope, chosen: Sequence[tuple[exp.Expr, Typed]]
) -> Typed:
    """Return what a term of GROUP BY stands for: a number or a name may be that of what is selected."""
    if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit():
        place = int(node.name) - 1
        return chosen[place][1] if 0 <= place < len(chosen) else Typed(node, INT8)
    is_name = isinstance(node, exp.Column) and not node.table
    if is_name and not any(node.name in source for source in scope.sources.values()):
        for each, value in reversed(chosen):
            if isinstance(each, exp.Alias) and each.alias == node.name:
                return value
    return reader.expression(node, scope)
