"""PIVOT and UNPIVOT: a source of FROM turned round, written as a query.

Source: AWS, Amazon Redshift Database Developer Guide, "FROM clause" and "PIVOT and UNPIVOT examples".
"""

from collections.abc import Iterable

from sqlglot import exp

from warehouse.redshift.dialect.build import named, string
from warehouse.redshift.dialect.scope import Columns
from warehouse.redshift.errors import NotSupportedError, RedshiftError


def turned(node: exp.Expr, columns: Columns) -> exp.Subquery:
    """Return the query that a source with PIVOT or UNPIVOT is; its own columns are known.

    Raises:
        NotSupportedError: It is turned twice, or by what AWS does not describe.
        RedshiftError: It names a column that is not there.
    """
    pivots = node.args["pivots"]
    if len(pivots) > 1 or len(pivots[0].args["fields"]) > 1:
        feature = "more than one PIVOT or UNPIVOT"
        raise NotSupportedError(feature)
    (pivot,) = pivots
    node.set("pivots", None)
    query = _unpivoted(node, pivot, columns) if pivot.args.get("unpivot") else _pivoted(node, pivot, columns)
    alias = pivot.args.get("alias")
    if alias is None and node.alias_or_name:
        alias = exp.TableAlias(this=exp.to_identifier(node.alias_or_name, quoted=True))
    return exp.Subquery(this=query, alias=alias)


def _known(name: str, columns: Columns) -> str:
    if name not in columns:
        msg = f'column "{name}" does not exist'
        raise RedshiftError(msg, "42703")
    return name


def _column(name: str) -> exp.Column:
    return exp.column(name, quoted=True)


def _pivoted(source: exp.Expr, pivot: exp.Pivot, columns: Columns) -> exp.Select:
    """Group by the columns that PIVOT does not name, and aggregate the rows of each value of IN."""
    (field,) = pivot.args["fields"]
    by = _known(field.this.name, columns)
    calls = [
        (each.this, each.alias) if isinstance(each, exp.Alias) else (each, "") for each in pivot.expressions
    ]
    if len(calls) > 1 and not all(alias for _, alias in calls):
        feature = "PIVOT of more than one aggregate without aliases"
        raise NotSupportedError(feature)
    used = {by} | {each.name for each in _columns_of(call for call, _ in calls)}
    others = [name for name in columns if name not in used]
    chosen: list[exp.Expr] = [_column(name) for name in others]
    for each in field.expressions:
        value, title = (each.this, each.alias) if isinstance(each, exp.PivotAlias) else (each, "")
        if not isinstance(value, (exp.Boolean, exp.Literal, exp.Null, exp.Neg)):
            feature = f"`{value.sql('redshift')}` in PIVOT's IN, which is no literal"
            raise NotSupportedError(feature)
        title = title or ("null" if isinstance(value, exp.Null) else value.name.lower())
        match = (exp.Is if isinstance(value, exp.Null) else exp.EQ)(this=_column(by), expression=value)
        chosen += [
            named(_of_those(call, match), f"{title}_{alias}" if alias else title) for call, alias in calls
        ]
    query = exp.Select(expressions=chosen).from_(source)
    if others:
        query.set("group", exp.Group(expressions=[_column(name) for name in others]))
    return query


def _columns_of(calls: Iterable[exp.Expr]) -> list[exp.Column]:
    return [column for call in calls for column in call.find_all(exp.Column)]


def _of_those(call: exp.Expr, match: exp.Expr) -> exp.Expr:
    """Return an aggregate of the rows that match."""
    if not isinstance(call, exp.Anonymous) or len(call.expressions) != 1:
        feature = f"`{call.sql('redshift')}` in PIVOT, which is no aggregate of one expression"
        raise NotSupportedError(feature)
    whole = call.copy()
    (inner,) = whole.expressions
    place = inner.expressions[0] if isinstance(inner, exp.Distinct) else inner
    value = exp.Literal.number(1) if isinstance(place, exp.Star) else place.copy()
    place.replace(exp.Case(ifs=[exp.If(this=match.copy(), true=value)]))
    return whole


def _unpivoted(source: exp.Expr, pivot: exp.Pivot, columns: Columns) -> exp.Expr:
    """Return a row for each column of IN; those of nothing are left out unless INCLUDE NULLS is said."""
    (field,) = pivot.args["fields"]
    (value,) = pivot.expressions
    parts = {
        each.this.name if isinstance(each, exp.PivotAlias) else each.name: each.args.get("alias", each).name
        for each in field.expressions
    }
    turned_names = {_known(name, columns) for name in parts}
    others = [name for name in columns if name not in turned_names]
    queries = []
    for name, title in parts.items():
        chosen = [
            *map(_column, others),
            named(string(title), field.this.name),
            named(_column(name), value.name),
        ]
        query = exp.Select(expressions=chosen).from_(source.copy())
        if not pivot.args.get("include_nulls"):
            query.set(
                "where", exp.Where(this=exp.Not(this=exp.Is(this=_column(name), expression=exp.Null())))
            )
        queries.append(query)
    whole: exp.Expr = queries[0]
    for query in queries[1:]:
        whole = exp.Union(this=whole, expression=query, distinct=False)
    return whole
