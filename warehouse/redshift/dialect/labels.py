"""Names of result columns that have no alias, as Redshift gives them."""

from sqlglot import exp

from warehouse.redshift.dialect.grammar import APPROXIMATE
from warehouse.redshift.dialect.sql_types import written_type

NAMELESS = "?column?"

_NODES: dict[type[exp.Expr], str] = {
    exp.Case: "case",
    exp.Concat: NAMELESS,
    exp.CurrentTimestamp: "timestamp",
    exp.Exists: "?column?",
    exp.Extract: "date_part",
    exp.StrPosition: "position",
    exp.Substring: "substring",
    exp.Trim: "btrim",
}
_FUNCTIONS = {
    "date_part": "pgdate_part",
    "dateadd": "date_add",
    "datediff": "date_diff",
    "decode": "case",
    "isnull": "coalesce",
    "nvl": "coalesce",
    "nvl2": "case",
    "nullif": "case",
}
_WORDS = {"current_date": "date"}


def label(node: exp.Expr) -> str:
    """Return the name that Redshift gives to an expression of a select list.

    >>> from warehouse.redshift.dialect.grammar import parse
    >>> [label(each) for each in parse("select count(*), a, b::date, 1::bigint, 1 from t").expressions]
    ['count', 'a', 'b', 'int8', '?column?']
    """
    inner = node
    while isinstance(
        inner, (exp.Paren, exp.Window, exp.WithinGroup, exp.Cast, exp.IgnoreNulls, exp.RespectNulls)
    ):
        inner = inner.this
    if own := _own(inner):
        return own
    return written_type(node.to).name if isinstance(node, exp.Cast) else NAMELESS


def _own(node: exp.Expr) -> str:  # noqa: PLR0911  # one way a kind of node
    if isinstance(node, exp.Column):
        return _WORDS.get(node.name, node.name)
    if isinstance(node, exp.Dot):
        attribute: str = node.expression.name
        return attribute
    if isinstance(node, exp.Bracket):
        return _own(node.this)
    if isinstance(node, exp.Anonymous):
        name: str = node.name.lower()
        if name == APPROXIMATE:
            return _own(node.expressions[0])
        if name == "convert" and len(node.expressions) > 1:
            return _own(node.expressions[1])
        return _FUNCTIONS.get(name, name)
    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Select) and node.this.expressions:
        first = node.this.expressions[0]
        return first.alias if isinstance(first, exp.Alias) else label(first)
    return _NODES.get(type(node), "")
