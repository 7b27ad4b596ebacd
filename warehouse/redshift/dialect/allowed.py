"""The allow list: every kind of node that a statement may hold. What is not on it is refused by name.

sqlglot reads far more than Redshift's SQL, and DuckDB runs it: GROUP BY ALL, lists, lambdas, SELECT from a
file. A node that is on no list, or has an argument that its list does not name, stops the statement here.
"""

import re
from collections.abc import Callable, Mapping

from sqlglot import ErrorLevel, exp

from warehouse.redshift.errors import NotSupportedError, RedshiftError

SYSTEM_TABLES = frozenset({"pg_tables", "stl_load_errors", "svv_table_info"})
"""Of the warehouse itself: anyone reads them, none writes them."""

_INFORMATION_SCHEMA = {"columns", "tables"}

_PLAIN: frozenset[type[exp.Expr]] = frozenset(
    {
        # names and values
        *(
            exp.Alias,
            exp.Boolean,
            exp.Identifier,
            exp.Literal,
            exp.Null,
            exp.Paren,
            exp.TableAlias,
            exp.Tuple,
        ),
        *(exp.Var, exp.Whens),
        # queries
        *(exp.From, exp.Having, exp.In, exp.Limit, exp.Offset, exp.Order, exp.Qualify, exp.Where),
        *(exp.WindowSpec, exp.WithinGroup),
        # comparisons, logic, arithmetic, text
        *(
            exp.EQ,
            exp.NEQ,
            exp.GT,
            exp.GTE,
            exp.LT,
            exp.LTE,
            exp.Between,
            exp.Exists,
            exp.Is,
            exp.And,
            exp.Or,
        ),
        *(exp.Not, exp.Like, exp.ILike, exp.Escape, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg),
        *(exp.DPipe, exp.Concat, exp.Case, exp.If, exp.Coalesce, exp.DecodeCase, exp.Nullif, exp.Nvl2),
        *(exp.Greatest, exp.Least, exp.Length, exp.Lower, exp.Upper, exp.Trim, exp.Replace, exp.Substring),
        *(exp.Left, exp.Right, exp.StrPosition, exp.MD5),
        *(exp.Abs, exp.Ceil, exp.Floor, exp.Round, exp.Sign, exp.Sqrt, exp.Pow, exp.Ln, exp.Exp),
        # types
        *(exp.DataType, exp.DataTypeParam),
        # times
        *(exp.ConvertTimezone, exp.CurrentDate, exp.CurrentTimestamp, exp.Extract, exp.Interval),
        *(exp.TimestampTrunc, exp.TsOrDsAdd, exp.TsOrDsDiff),
        # aggregates and windows
        *(exp.Count, exp.GroupConcat, exp.ApproxDistinct, exp.Stddev),
        *(exp.StddevPop, exp.StddevSamp, exp.Variance, exp.VariancePop),
        *(
            exp.RowNumber,
            exp.Rank,
            exp.DenseRank,
            exp.Ntile,
            exp.Lag,
            exp.Lead,
            exp.FirstValue,
            exp.LastValue,
        ),
        # tables
        *(exp.ColumnDef, exp.ColumnConstraint, exp.DefaultColumnConstraint, exp.NotNullColumnConstraint),
        *(exp.PrimaryKeyColumnConstraint, exp.UniqueColumnConstraint, exp.PrimaryKey, exp.ForeignKey),
        *(exp.Reference, exp.IndexParameters, exp.Properties, exp.TemporaryProperty),
    }
)

_SHAPED: Mapping[type[exp.Expr], frozenset[str]] = {
    node: frozenset(arguments.split())
    for node, arguments in (
        (exp.Avg, "this"),
        (exp.Cast, "this to"),
        (exp.Column, "this table db"),
        (exp.CTE, "this alias"),
        (exp.Create, "this kind exists replace properties expression"),
        (exp.Delete, "with_ this tables using where"),
        (exp.Distinct, "expressions"),
        (exp.Drop, "tables kind exists cascade"),
        (exp.Except, "with_ this expression distinct order limit offset"),
        (exp.Group, "expressions cube rollup grouping_sets"),
        (exp.Cube, "expressions"),
        (exp.Rollup, "expressions"),
        (exp.GroupingSets, "expressions"),
        (exp.Insert, "with_ this expression"),
        (exp.Intersect, "with_ this expression distinct order limit offset"),
        (exp.Join, "this side kind on using"),
        (exp.LikeProperty, "this"),
        (exp.Max, "this"),
        (exp.Merge, "this using on whens"),
        (exp.Min, "this"),
        (exp.Ordered, "this desc nulls_first"),
        (exp.Schema, "this expressions"),
        (exp.Select, "with_ expressions distinct from_ joins where group having qualify order limit offset"),
        (exp.Star, ""),
        (exp.Subquery, "this alias with_"),
        (exp.Sum, "this"),
        (exp.Table, "this db alias"),
        (exp.TruncateTable, "expressions"),
        (exp.TryCast, "this to safe"),
        (exp.Union, "with_ this expression distinct order limit offset"),
        (exp.Update, "with_ this expressions from_ where"),
        (exp.Values, "expressions"),
        (exp.When, "matched then"),
        (exp.Window, "this partition_by order spec over"),
        (exp.With, "expressions recursive"),
    )
}
_UNITS = {"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND"}
_UNITS_OF: Mapping[type[exp.Expr], frozenset[str]] = {
    exp.TimestampTrunc: frozenset(_UNITS),
    exp.TsOrDsAdd: frozenset(_UNITS),
    exp.TsOrDsDiff: frozenset(_UNITS - {"WEEK"}),  # where Redshift's weeks begin is not documented
    exp.Interval: frozenset(_UNITS),
    exp.Extract: frozenset({*_UNITS, "DOW", "DOY"} - {"SECOND"}),  # with or without its fraction?
}


def check(tree: exp.Expr) -> None:
    """Refuse a statement that holds anything that is not known to mean the same in DuckDB.

    Raises:
        NotSupportedError: It does, and this is its name.
        RedshiftError: It writes a table of the warehouse itself, or names a schema that is not there.
    """
    for node in tree.walk():
        _check_node(node)
        allowed = _SHAPED.get(type(node))
        if allowed is None and type(node) not in _PLAIN:
            raise NotSupportedError(_name(node))
        for argument, value in node.args.items():
            if allowed is not None and value and argument not in allowed:
                feature = f"{argument.strip('_').replace('_', ' ').upper()} in {_name(node)}"
                raise NotSupportedError(feature)


def _check_node(node: exp.Expr) -> None:
    if isinstance(node, exp.Table):
        _check_table(node)
    refuse = _REFUSALS.get(type(node))
    if refuse and (feature := refuse(node)):
        raise NotSupportedError(feature)


def _check_table(table: exp.Table) -> None:
    schema, name = table.db.lower(), table.name.lower()
    if not isinstance(table.this, exp.Identifier):
        feature = f"{table.this.sql('redshift')} in place of a table"
        raise NotSupportedError(feature)
    if name.startswith("#"):
        feature = f"{name}; a temporary table is made by CREATE TEMP TABLE"
        raise NotSupportedError(feature)
    if schema == "information_schema":
        if name not in _INFORMATION_SCHEMA:
            feature = f"information_schema.{name}"
            raise NotSupportedError(feature)
    elif schema not in {"", "public"}:
        msg = f'schema "{schema}" does not exist; there is "public"'
        raise RedshiftError(msg)
    elif name not in SYSTEM_TABLES and name.startswith(
        ("duckdb_", "pg_", "pragma_", "sqlite_", "svl_", "svv_")
    ):
        feature = f"system table {name}"
        raise NotSupportedError(feature)


def check_written(name: str) -> None:
    """Refuse to write a table of the warehouse itself.

    Raises:
        RedshiftError: It is one.
    """
    if name in SYSTEM_TABLES:
        msg = f'permission denied: "{name}" is a table of the system'
        raise RedshiftError(msg)


def _kind(node: exp.Create | exp.Drop) -> str:
    return "" if node.kind in {"TABLE", "VIEW"} else f"{node.key.upper()} {node.kind}"


def _navigation(node: exp.Column) -> str:
    return "" if node.text("db") in {"", "public"} else f"navigation of SUPER, `{node.sql('redshift')}`"


def _join(node: exp.Join) -> str:
    return "" if node.kind.upper() in {"", "CROSS", "INNER", "OUTER"} else f"{node.kind.upper()} JOIN"


def _set_operation(node: exp.SetOperation) -> str:
    return "" if node.args.get("distinct") else f"{node.key.upper()} ALL"


def _values(node: exp.Values) -> str:
    return "" if isinstance(node.parent, exp.Insert) else "VALUES in place of a table"


def _concat(node: exp.Concat) -> str:
    return "" if len(node.expressions) == 2 else "CONCAT of other than two texts"  # noqa: PLR2004  # two


def _list(node: exp.GroupConcat) -> str:
    return "LISTAGG of DISTINCT" if isinstance(node.this, exp.Distinct) else ""


def _zones(node: exp.ConvertTimezone) -> str:
    for zone in (node.args["source_tz"], node.args["target_tz"]):
        if isinstance(zone, exp.Literal) and zone.name.upper() != "UTC" and "/" not in zone.name:
            return f"time zone `{zone.name}`; only UTC and names such as America/New_York"
    return ""


def _unit(node: exp.Expr) -> str:
    unit = (node.name if isinstance(node, exp.Extract) else node.text("unit")).upper()
    return "" if unit in _UNITS_OF[type(node)] else f"{unit or 'this unit'} in {_name(node)}"


_REFUSALS: Mapping[type[exp.Expr], Callable[..., str]] = {
    exp.Column: _navigation,
    exp.Concat: _concat,
    exp.ConvertTimezone: _zones,
    exp.Create: _kind,
    exp.Drop: _kind,
    exp.Except: _set_operation,
    exp.GroupConcat: _list,
    exp.Intersect: _set_operation,
    exp.Join: _join,
    exp.Values: _values,
    **dict.fromkeys(_UNITS_OF, _unit),
}
"""What no node of a kind may hold, by what its kind's function names."""


def _name(node: exp.Expr) -> str:
    """Name a node as people write it."""
    if isinstance(node, exp.Func) and not isinstance(node, exp.Binary):
        written = node.sql("redshift", unsupported_level=ErrorLevel.IGNORE).partition("(")[0]
        return f"function {written.upper() or node.key.upper()}"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).upper()
