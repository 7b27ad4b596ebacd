"""CONNECT BY: rows under rows, as a recursive query in the place of the one source of FROM.

Source: AWS, Amazon Redshift Database Developer Guide, "CONNECT BY clause": it is read before WHERE.
"""

from sqlglot import exp

from warehouse.redshift.dialect.build import binary, named, number
from warehouse.redshift.dialect.scope import Columns
from warehouse.redshift.errors import NotSupportedError, RedshiftError

LEVEL = "level"
_ROWS = "rows of a hierarchy"
"""A query of our own: no other has such a name."""


def connected(node: exp.Select, columns: Columns) -> None:
    """Put the hierarchy in the place of the source, whose columns are known.

    Raises:
        NotSupportedError: It has a join, a condition with a query, or NOCYCLE.
        RedshiftError: No condition has PRIOR.
    """
    connect = node.args["connect"]
    source = node.args["from_"].this
    if node.args.get("joins") or LEVEL in columns or connect.args.get("nocycle"):
        feature = "CONNECT BY with a join, with NOCYCLE or of a column `level`"
        raise NotSupportedError(feature)
    if connect.find(exp.Query):
        feature = "a query in CONNECT BY"
        raise NotSupportedError(feature)
    if not connect.args["connect"].find(exp.Prior):
        msg = "CONNECT BY needs a condition with PRIOR"
        raise RedshiftError(msg)
    name = source.alias_or_name
    own: exp.Expr = exp.Column(this=exp.Star(), table=exp.to_identifier(name, quoted=True))
    roots = exp.Select(expressions=[own, named(number(1), LEVEL)]).from_(source.copy())
    if start := connect.args.get("start"):
        roots.set("where", exp.Where(this=start))
    deeper = binary(exp.Add, _level(), number(1))
    children = exp.Select(expressions=[own.copy(), named(deeper, LEVEL)]).from_(source.copy())
    on = connect.args["connect"].transform(lambda each: _placed(each, name, columns))
    children.set("joins", [exp.Join(this=exp.to_table(f'"{_ROWS}"'), kind="INNER", on=on)])
    identifiers = [exp.to_identifier(each, quoted=True) for each in (*columns, LEVEL)]
    cte = exp.CTE(
        this=exp.Union(this=roots, expression=children, distinct=False),
        alias=exp.TableAlias(this=exp.to_identifier(_ROWS, quoted=True), columns=identifiers),
    )
    whole = exp.Select(expressions=[exp.Star()]).from_(exp.to_table(f'"{_ROWS}"'))
    whole.set("with_", exp.With(expressions=[cte], recursive=True))
    alias = exp.TableAlias(this=exp.to_identifier(name, quoted=True))
    node.args["from_"].set("this", exp.Subquery(this=whole, alias=alias))
    node.set("connect", None)
    for star in node.expressions:
        (star.this if isinstance(star, exp.Column) else star).meta["hidden"] = LEVEL


def _level() -> exp.Column:
    return exp.column(LEVEL, table=_ROWS, quoted=True)


def _placed(node: exp.Expr, name: str, columns: Columns) -> exp.Expr:
    """Say of which row a column is: PRIOR's is the row above."""
    if isinstance(node, exp.Prior):
        if not isinstance(node.this, exp.Column):
            feature = f"PRIOR of `{node.this.sql('redshift')}`; only of a column"
            raise NotSupportedError(feature)
        return exp.column(node.this.name, table=_ROWS, quoted=True)
    if isinstance(node, exp.Column) and not node.table:
        if node.name == LEVEL:
            return binary(exp.Add, _level(), number(1))
        if node.name in columns:
            return exp.column(node.name, table=name, quoted=True)
    return node
