"""Names of the result columns of a query of the system's relations, which sqlglot alone reads."""

from sqlglot import exp

NAMELESS = "?column?"

_TYPES = {
    exp.DType.BIGINT: "int8",
    exp.DType.BOOLEAN: "bool",
    exp.DType.DATE: "date",
    exp.DType.DECIMAL: "numeric",
    exp.DType.DOUBLE: "float8",
    exp.DType.FLOAT: "float4",
    exp.DType.INT: "int4",
    exp.DType.SMALLINT: "int2",
    exp.DType.TEXT: "text",
    exp.DType.TIMESTAMP: "timestamp",
    exp.DType.TIMESTAMPTZ: "timestamptz",
    exp.DType.VARCHAR: "varchar",
}
_FUNCTIONS: dict[type[exp.Expr], str] = {
    exp.ApproxDistinct: "count",
    exp.Case: "case",
    exp.Concat: "concat",
    exp.DecodeCase: "case",
    exp.Extract: "date_part",
}


def label_columns(tree: exp.Expr) -> None:
    """Give every expression of a query's result the name that Redshift gives.

    >>> from sqlglot import parse_one
    >>> query = parse_one("select count(*), a, b::date, 1::bigint, 1 from t", read="redshift")
    >>> label_columns(query)
    >>> query.named_selects
    ['count', 'a', 'b', 'int8', '?column?']
    """
    query = tree
    while isinstance(query, (exp.SetOperation, exp.Subquery)):
        query = query.this
    if not isinstance(query, exp.Select):
        return
    for each in list(query.expressions):
        if not isinstance(each, (exp.Alias, exp.Column, exp.Star)):
            each.replace(exp.alias_(each.copy(), _label(each), quoted=True))


def _label(node: exp.Expr) -> str:
    inner = node
    while isinstance(inner, (exp.Paren, exp.Window, exp.WithinGroup, exp.Cast)):
        inner = inner.this
    if label := _own_label(inner):
        return label
    return _TYPES.get(node.to.this, NAMELESS) if isinstance(node, exp.Cast) else NAMELESS


def _own_label(node: exp.Expr) -> str:
    if isinstance(node, exp.Column):
        return node.name
    if label := _FUNCTIONS.get(type(node)):
        return label
    if not isinstance(node, exp.Func) or isinstance(node, exp.Binary):
        return ""
    written: str = node.sql("redshift").partition("(")[0].lower()
    return written if written.isidentifier() else ""
