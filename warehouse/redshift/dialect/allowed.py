"""The allow list: every kind of node that a statement may hold. What is not on it is refused by name.

sqlglot reads far more than Redshift's SQL, and DuckDB runs it: GROUP BY ALL, lists, lambdas, SELECT from a
file. A node that is on no list, or has an argument that its list does not name, stops the statement here.
"""

import re
from collections.abc import Callable, Mapping

from sqlglot import ErrorLevel, exp

from warehouse.redshift.errors import NotSupportedError

_PLAIN: frozenset[type[exp.Expr]] = frozenset(
    {
        # names and values
        *(exp.Alias, exp.Boolean, exp.Identifier, exp.Literal, exp.Null, exp.Paren, exp.Parameter),
        *(exp.Star, exp.TableAlias, exp.Tuple, exp.Var, exp.Whens),
        # queries
        *(exp.AtIndex, exp.From, exp.Having, exp.Order, exp.Prior, exp.Qualify),
        *(exp.Where, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls, exp.Any, exp.All),
        # comparisons, logic, arithmetic, text
        *(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Exists, exp.And, exp.Or),
        *(exp.Not, exp.Escape, exp.SimilarTo),
        *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.Pow, exp.BitwiseAnd, exp.BitwiseOr),
        *(exp.BitwiseLeftShift, exp.BitwiseNot, exp.BitwiseRightShift),
        *(exp.DPipe, exp.Concat, exp.If),
        *(exp.Anonymous, exp.Dot),
        # types
        exp.DataTypeParam,
        # times
        *(exp.AtTimeZone, exp.CurrentTimestamp, exp.Extract),
        # tables
        *(exp.ColumnDef, exp.ColumnConstraint, exp.DefaultColumnConstraint, exp.NotNullColumnConstraint),
        *(exp.PrimaryKeyColumnConstraint, exp.UniqueColumnConstraint, exp.PrimaryKey, exp.ForeignKey),
        *(exp.Reference, exp.IndexParameters, exp.Properties, exp.TemporaryProperty),
    }
)

_SHAPED: Mapping[type[exp.Expr], frozenset[str]] = {
    node: frozenset(arguments.split())
    for node, arguments in (
        (exp.Between, "this low high symmetric"),
        (exp.Bracket, "this expressions offset"),
        (exp.Case, "this ifs default"),
        (exp.Cast, "this to"),
        (exp.Connect, "start connect"),
        (exp.Column, "this table db catalog join_mark"),
        (exp.CTE, "this alias"),
        (exp.DataType, "this expressions nested"),
        (exp.Delete, "with_ this tables using where"),
        (exp.Distinct, "expressions"),
        (exp.Except, "with_ this expression distinct order limit offset"),
        (exp.Group, "expressions cube rollup grouping_sets"),
        (exp.Cube, "expressions"),
        (exp.Rollup, "expressions"),
        (exp.GroupingSets, "expressions"),
        (exp.ILike, "this expression negate"),
        (exp.In, "this expressions query"),
        (exp.Insert, "with_ this expression default"),
        (exp.Interval, "this unit fraction_in_string"),
        (exp.Intersect, "with_ this expression distinct order limit offset"),
        (exp.Is, "this expression negate"),
        (exp.Join, "this side kind method on using"),
        (exp.Like, "this expression negate"),
        (exp.Limit, "expression"),
        (exp.Merge, "this using on whens"),
        (exp.Offset, "expression"),
        (exp.Pivot, "expressions fields unpivot include_nulls alias columns pivot_column_naming"),
        (exp.PivotAlias, "this alias"),
        (exp.Ordered, "this desc nulls_first"),
        (exp.RegexpILike, "this expression"),
        (exp.RegexpLike, "this expression"),
        (exp.Schema, "this expressions"),
        (
            exp.Select,
            "with_ expressions distinct from_ joins connect where group having qualify order limit offset",
        ),
        (exp.StrPosition, "this substr"),
        (exp.Substring, "this start length"),
        (exp.Subquery, "this alias with_ pivots"),
        (exp.Table, "this db catalog alias pivots"),
        (exp.Trim, "this expression position"),
        (exp.TruncateTable, "expressions"),
        (exp.TryCast, "this to safe"),
        (exp.Unnest, "expressions alias"),
        (exp.Union, "with_ this expression distinct order limit offset"),
        (exp.Update, "with_ this expressions from_ where"),
        (exp.Values, "expressions"),
        (exp.When, "matched then"),
        (exp.Window, "this partition_by order spec over"),
        (exp.WindowSpec, "kind start start_side end end_side"),
        (exp.With, "expressions recursive"),
    )
}


def check(tree: exp.Expr) -> None:
    """Refuse a statement that holds anything that is not known to mean the same in DuckDB.

    Raises:
        NotSupportedError: It does, and this is its name.
    """
    for node in tree.walk():
        _check_node(node)
        allowed = _SHAPED.get(type(node))
        if allowed is None and type(node) not in _PLAIN:
            raise NotSupportedError(name_of(node))
        for argument, value in node.args.items():
            if allowed is not None and value and argument not in allowed:
                feature = f"{argument.strip('_').replace('_', ' ').upper()} in {name_of(node)}"
                raise NotSupportedError(feature)


def _check_node(node: exp.Expr) -> None:
    if isinstance(node, exp.Table):
        _check_table(node)
    refuse = _REFUSALS.get(type(node))
    if refuse and (feature := refuse(node)):
        raise NotSupportedError(feature)


def _check_table(table: exp.Table) -> None:
    if not isinstance(table.this, exp.Identifier):
        feature = f"{table.this.sql('redshift')} in place of a table"
        raise NotSupportedError(feature)


def _join(node: exp.Join) -> str:
    if node.method not in {"", "NATURAL"}:
        return f"{node.method.upper()} JOIN"
    return "" if node.kind.upper() in {"", "CROSS", "INNER", "OUTER"} else f"{node.kind.upper()} JOIN"


def _set_operation(node: exp.SetOperation) -> str:
    return "" if node.args.get("distinct") else f"{node.key.upper()} ALL"


def _values(node: exp.Values) -> str:
    return "" if isinstance(node.parent, exp.Insert) else "VALUES in place of a table"


def _star(node: exp.Star) -> str:
    given = [name for name, value in node.args.items() if value and name != "except_"]
    return f"{given[0].strip('_').upper()} in STAR" if given else ""


_REFUSALS: Mapping[type[exp.Expr], Callable[..., str]] = {
    exp.Except: _set_operation,
    exp.Intersect: _set_operation,
    exp.Join: _join,
    exp.Star: _star,
    exp.Values: _values,
}
"""What no node of a kind may hold, by what its kind's function names."""


def name_of(node: exp.Expr) -> str:
    """Name a node as people write it."""
    if isinstance(node, exp.Anonymous):
        return f"function {node.name.upper()}"
    if isinstance(node, exp.Func) and not isinstance(node, exp.Binary):
        written = node.sql("redshift", unsupported_level=ErrorLevel.IGNORE).partition("(")[0]
        return f"function {written.upper() or node.key.upper()}"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).upper()
