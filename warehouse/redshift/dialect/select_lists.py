"""The select list: its columns, what * stands for, and EXCLUDE.

Source: AWS, Amazon Redshift Database Developer Guide, "SELECT list" and "EXCLUDE column_list".
"""

from collections.abc import Iterator

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed, named
from warehouse.redshift.dialect.labels import label
from warehouse.redshift.dialect.reader import Reader
from warehouse.redshift.dialect.scope import Columns, Scope
from warehouse.redshift.errors import RedshiftError


def select_list(reader: Reader, node: exp.Select, scope: Scope) -> Columns:
    """Read what is selected, from the left: a name that is given may be used by what follows."""
    columns: Columns = {}
    chosen: list[exp.Expr] = []
    excluded = _excluded(node)
    for each in node.expressions:
        if isinstance(each, exp.Star) or (isinstance(each, exp.Column) and isinstance(each.this, exp.Star)):
            hidden = (each.this if isinstance(each, exp.Column) else each).meta.get("hidden")
            for name, value in _star(each, scope):
                if name == hidden:
                    continue
                if name in excluded:
                    excluded[name] = True
                    continue
                is_plain = isinstance(value.node, exp.Column) and name not in columns
                chosen.append(value.node if is_plain else named(value.node, _unique(columns, name)))
                columns[_unique(columns, name)] = value.type
            continue
        is_named = isinstance(each, exp.Alias)
        name = each.alias if is_named else label(each)
        value = reader.expression(each.this if is_named else each, scope)
        chosen.append(named(value.node, _unique(columns, name)))
        columns[_unique(columns, name)] = value.type
        if is_named:
            scope.aliases.setdefault(name, value.type)
    if missing := [name for name, is_there in excluded.items() if not is_there]:
        msg = f'column "{missing[0]}" of EXCLUDE does not exist'
        raise RedshiftError(msg, "42703")
    node.set("expressions", chosen)
    return columns


def _excluded(node: exp.Select) -> dict[str, bool]:
    """Return the names behind EXCLUDE, each with whether it was found; they end the select list."""
    for at, each in enumerate(node.expressions):
        star = each.this if isinstance(each, exp.Column) else each
        if isinstance(star, exp.Star) and star.args.get("except_"):
            names = [*star.args["except_"], *node.expressions[at + 1 :]]
            if any(not isinstance(name, exp.Column) or isinstance(name.this, exp.Star) for name in names):
                msg = "EXCLUDE takes names of columns, and ends the select list"
                raise RedshiftError(msg, "42601")
            node.set("expressions", node.expressions[: at + 1])
            return {name.name: False for name in names}
    return {}


def _unique(columns: Columns, name: str) -> str:
    """A query may have two columns of one name; only the first can be named by who is around it."""
    while name in columns:
        name += " "
    return name


def _star(node: exp.Expr, scope: Scope) -> Iterator[tuple[str, Typed]]:  # noqa: C901  # with source, without
    """Return the columns of `*` or `source.*`: those of USING come first, and once."""
    if isinstance(node, exp.Column):
        source = node.table
        if source not in scope.sources:
            msg = f'missing FROM-clause entry for table "{source}"'
            raise RedshiftError(msg)
        for name, kind in scope.sources[source].items():
            yield name, Typed(exp.column(name, table=source, quoted=True), kind)
        return
    if not scope.sources:
        msg = "SELECT * with no tables specified is not valid"
        raise RedshiftError(msg)
    seen = set()
    for columns in scope.sources.values():
        for name in columns:
            if name in scope.merged and name not in seen:
                seen.add(name)
                node, kind = scope.merged[name]
                yield name, Typed(node.copy(), kind)
    for source, columns in scope.sources.items():
        for name, kind in columns.items():
            if name not in scope.merged:
                yield name, Typed(exp.column(name, table=source, quoted=True), kind)
