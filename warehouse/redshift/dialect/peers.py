"""Rows that are peers: blanks at the end of a text do not count where rows are told apart or put in order.

Source: AWS, Amazon Redshift Database Developer Guide, "Character types", "Significance of trailing blanks".
Which of some peers a group shows AWS does not say; here it is the one with the fewest blanks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed, call, named, number, string
from warehouse.redshift.dialect.compare import without_blanks
from warehouse.redshift.dialect.scope import Columns

_SIDE = "side of a set"
"""A column of our own: no query's has such a name."""


def is_padded(value: Typed) -> bool:
    """Return whether a value may have blanks at its end that do not count; a CHAR is kept without."""
    is_fixed = isinstance(value.node, (exp.Literal, exp.Null))
    return value.type.name == "varchar" and not is_fixed


@dataclass(frozen=True, slots=True)
class Key:
    """What rows are grouped by.

    Attributes:
        value: As it was written.
        plain: What tells groups apart.
    """

    value: exp.Expr
    plain: exp.Expr

    def shown(self) -> exp.Expr:
        """Return what a group shows for it; NULL where a set of ROLLUP or CUBE leaves it out."""
        return _fewest_blanks(self.value, self.plain)


def _fewest_blanks(value: exp.Expr, plain: exp.Expr) -> exp.Expr:
    """Return the least text of a group, by its length: DuckDB compares lengths far quicker than texts."""
    length = exp.Min(this=call("strlen", value.copy()))
    blanks = exp.Sub(this=length, expression=call("strlen", plain.copy()))
    return exp.Paren(this=exp.DPipe(this=plain.copy(), expression=call("repeat", string(" "), blanks)))


def show_keys(node: exp.Select, keys: Sequence[Key]) -> None:
    """Have a grouped query name what its groups show, wherever it names a key outside of aggregates."""
    if not keys:
        return
    for each in node.expressions:
        if isinstance(each, exp.Column) and (key := _key_of(each, keys)):
            each.replace(named(key.shown(), each.name))
        else:
            _show(each, keys)
    order = node.args.get("order")
    for part in (node.args.get("having"), node.args.get("qualify"), *(order.expressions if order else ())):
        if part:
            _show(part, keys)


def _show(node: exp.Expr, keys: Sequence[Key]) -> None:
    for child in list(node.iter_expressions()):
        if key := _key_of(child, keys):
            child.replace(key.shown())
        elif "aggregate" not in child.meta:
            _show(child, keys)


def _key_of(node: exp.Expr, keys: Sequence[Key]) -> Key | None:
    return next((key for key in keys if key.value == node), None)


def distinct(values: Sequence[Typed]) -> exp.Distinct:
    """Return DISTINCT of what is selected."""
    if not any(is_padded(value) for value in values):
        return exp.Distinct()
    return exp.Distinct(on=exp.Tuple(expressions=[_plain(value) for value in values]))


def _plain(value: Typed) -> exp.Expr:
    inner = Typed(value.node.copy(), value.type)
    return without_blanks(inner) if value.type.is_text else inner.node


def combined(node: exp.SetOperation, columns: Columns) -> exp.Select:
    """Return UNION, INTERSECT or EXCEPT as groups of the rows of both sides."""
    sides = [
        exp.Select(expressions=[named(number(place), _SIDE), exp.Star()]).from_(_source(side, list(columns)))
        for place, side in enumerate((node.this, node.expression))
    ]
    both = exp.Union(this=sides[0], expression=sides[1], distinct=False)
    inside = [Typed(exp.column(name, quoted=True), kind) for name, kind in columns.items()]
    shown = [
        named(
            _fewest_blanks(value.node, _plain(value)) if is_padded(value) else value.node.copy(),
            value.node.name,
        )
        for value in inside
    ]
    query = exp.Select(expressions=shown).from_(_source(both, [_SIDE, *columns]))
    query.set("group", exp.Group(expressions=[_plain(value) for value in inside]))
    side = exp.column(_SIDE, quoted=True)
    if isinstance(node, exp.Intersect):
        both_have = exp.NEQ(this=call("min", side), expression=call("max", side.copy()))
        query.set("having", exp.Having(this=both_have))
    elif isinstance(node, exp.Except):
        query.set("having", exp.Having(this=exp.EQ(this=call("max", side), expression=number(0))))
    return query


def appended(node: exp.SetOperation, columns: Columns) -> exp.Select:
    """Return UNION ALL as a query whose rows can be put in order."""
    shown: list[exp.Expr] = [named(exp.column(name, quoted=True), name) for name in columns]
    both = exp.Union(this=node.this, expression=node.expression, distinct=False)
    return exp.Select(expressions=shown).from_(_source(both, list(columns)))


def _source(query: exp.Expr, names: list[str]) -> exp.Subquery:
    inner = query.this if isinstance(query, exp.Subquery) and not query.alias else query
    columns = [exp.to_identifier(name, quoted=True) for name in names]
    alias = exp.TableAlias(this=exp.to_identifier("part", quoted=True), columns=columns)
    return exp.Subquery(this=inner, alias=alias)


def listed(value: exp.Expr, order: exp.Ordered) -> exp.Expr:
    """Return the texts of a group in order, each once."""
    terms = [
        exp.Ordered(this=node, desc=order.args.get("desc"), nulls_first=order.args.get("nulls_first"))
        for node in (call("rtrim", value.copy(), string(" ")), value.copy())
    ]
    return call("list", exp.Order(this=value, expressions=terms))
