"""From Redshift's SQL to DuckDB's, by an allow list: what is not on it is refused by name, never passed on.

sqlglot does most; what it is known to translate wrongly is put right here or refused.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal

from sqlglot import ErrorLevel, exp, parse
from sqlglot.errors import SqlglotError

from warehouse.redshift.errors import NotSupportedError, RedshiftError

Kind = Literal["copy", "lock", "merge", "query", "write"]

_LOCK = re.compile(r"\s*lock\s+(?:table\s+)?([\w\s,]+?)\s*;?\s*", re.IGNORECASE)
_COPY = re.compile(r"\s*(?:--[^\n]*\n\s*)*copy\s", re.IGNORECASE)
_TRANSACTION = re.compile(r"\s*(begin|start|commit|end|rollback|abort)\b", re.IGNORECASE)

_STATEMENTS = (
    exp.Select,
    exp.SetOperation,
    exp.Insert,
    exp.Update,
    exp.Delete,
    exp.Merge,
    exp.Create,
    exp.Drop,
)
_SCHEMAS = {"", "public", "information_schema"}
_CREATED = {"TABLE", "VIEW"}
_FUNCTIONS = (
    *(exp.Abs, exp.Avg, exp.Cast, exp.Ceil, exp.Coalesce, exp.Concat, exp.Count, exp.Floor, exp.Round),
    *(exp.Greatest, exp.Least, exp.Length, exp.Lower, exp.Upper, exp.Max, exp.Min, exp.Sum, exp.Median),
    *(exp.If, exp.Case, exp.Nullif, exp.Extract, exp.TimestampTrunc, exp.DateTrunc, exp.ConvertTimezone),
    *(exp.CurrentTimestamp, exp.CurrentDate, exp.TsOrDsAdd, exp.TsOrDsDiff, exp.Exists, exp.And, exp.Or),
    *(exp.RowNumber, exp.Rank, exp.DenseRank, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue),
    *(exp.Substring, exp.Trim, exp.TryCast, exp.ApproxDistinct, exp.Stddev, exp.Sqrt, exp.Pow),
)
"""Functions whose translation is known to mean the same."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, ready for DuckDB.

    Attributes:
        kind: What the engine has to do with it.
        sql: In DuckDB's dialect; for a COPY, as it came.
        tables: What a LOCK names.
        merge_check: For a MERGE, a query that returns a row when two source rows match one target.
        attributes: For a CREATE TABLE, name, distribution style and sort key, which are recorded only.
    """

    kind: Kind
    sql: str
    tables: tuple[str, ...] = ()
    merge_check: str = ""
    attributes: tuple[str, str, str] | None = None


def translate(sql: str) -> Statement:
    """Return one statement of Redshift's SQL for DuckDB.

    Raises:
        NotSupportedError: It holds something that is not on the allow list.
        RedshiftError: It is no statement, or more than one.
    """
    if found := _LOCK.fullmatch(sql):
        tables = tuple(sorted(name.strip().lower() for name in found[1].split(",")))
        return Statement("lock", sql, tables)
    if _COPY.match(sql):
        return Statement("copy", sql)
    if found := _TRANSACTION.match(sql):
        feature = f"{found[1].upper()}: a statement is a transaction, and so is a batch"
        raise NotSupportedError(feature)
    try:
        trees = parse(sql, read="redshift", error_level=ErrorLevel.RAISE)
    except SqlglotError as error:
        msg = f"syntax error: {str(error).splitlines()[0]}"
        raise RedshiftError(msg) from None
    statements = [tree for tree in trees if tree is not None]
    if len(statements) != 1:
        msg = f"one statement is expected; got {len(statements)}"
        raise RedshiftError(msg)
    return _statement(statements[0])


def _statement(tree: exp.Expr) -> Statement:
    if not isinstance(tree, _STATEMENTS):
        name = tree.name or tree.key
        feature = f"{name.split()[0].upper() if name else 'this statement'} statements"
        raise NotSupportedError(feature)
    _check(tree)
    for division in tree.find_all(exp.Div):
        division.replace(_division(division))
    attributes = None
    if isinstance(tree, (exp.Create, exp.Drop)):
        if tree.kind not in _CREATED:
            feature = f"{tree.key.upper()} {tree.kind}"
            raise NotSupportedError(feature)
        if isinstance(tree, exp.Create):
            style, sort_key = _attributes(tree)
            if tree.kind == "TABLE":
                _create_table(tree)
                attributes = (tree.this.find(exp.Table).name.lower(), style, sort_key)
    if isinstance(tree, exp.Merge):
        return Statement("merge", tree.sql("duckdb"), merge_check=_merge_check(tree))
    kind: Kind = "query" if isinstance(tree, (exp.Select, exp.SetOperation)) else "write"
    return Statement(kind, tree.sql("duckdb"), attributes=attributes)


def _check(tree: exp.Expr) -> None:
    for function in tree.find_all(exp.Func):
        if not isinstance(function, _FUNCTIONS):
            name = function.sql("redshift").partition("(")[0]
            feature = f"function {name.upper()}"
            raise NotSupportedError(feature)
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            feature = f"{table.this.sql()} in place of a table"
            raise NotSupportedError(feature)
        if table.db.lower() not in _SCHEMAS or table.catalog:
            feature = f"schema {table.db or table.catalog}"
            raise NotSupportedError(feature)
        if table.db.lower() == "public":
            table.set("db", None)
    for refused, feature in (
        (exp.Command, "this statement"),
        (exp.JoinHint, "join hints"),
        (exp.SimilarTo, "SIMILAR TO"),
        (exp.RegexpLike, "regular expressions"),
        (exp.JSONExtract, "navigation of SUPER"),
        (exp.Bracket, "navigation of SUPER"),
        (exp.Dot, "navigation of SUPER"),
        (exp.Lateral, "LATERAL"),
        (exp.Pivot, "PIVOT"),
    ):
        if tree.find(refused):
            raise NotSupportedError(feature)
    if any(column.args.get("join_mark") for column in tree.find_all(exp.Column)):
        feature = "the (+) join"
        raise NotSupportedError(feature)


def _division(division: exp.Div) -> exp.Expr:
    """Divide integers as Redshift does, towards zero; DuckDB's `/` gives a fraction."""
    left, right = (each.sql("duckdb") for each in (division.this, division.expression))
    integers = "('TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT')"
    text = (
        f"case when typeof({left}) in {integers} and typeof({right}) in {integers} "
        f"then ({left}) // ({right}) else ({left}) / ({right}) end"
    )
    return exp.Paren(this=exp.maybe_parse(text, dialect="duckdb"))


def _create_table(tree: exp.Create) -> None:
    """Take out what DuckDB has not, and add what Redshift does: lengths are enforced, keys are not."""
    schema = tree.this
    if isinstance(schema, exp.Schema):
        for each in list(schema.expressions):
            if isinstance(each, exp.PrimaryKey):
                each.pop()
            elif isinstance(each, exp.ColumnDef):
                _column(each)
            elif not isinstance(each, exp.LikeProperty):
                feature = f"CREATE TABLE with {each.sql('redshift')}"
                raise NotSupportedError(feature)


def _attributes(tree: exp.Create) -> tuple[str, str]:
    style, sort_key = "AUTO(ALL)", ""
    properties = tree.args.get("properties")
    for each in list(properties.expressions) if properties else ():
        if isinstance(each, (exp.TemporaryProperty, exp.LikeProperty)):
            continue
        if isinstance(each, exp.DistKeyProperty):
            style = f"KEY({each.name})"
        elif isinstance(each, exp.DistStyleProperty):
            style = each.name.upper()
        elif isinstance(each, exp.SortKeyProperty):
            sort_key = ", ".join(column.name for column in each.this)
        else:
            feature = f"CREATE {tree.kind} with {each.sql('redshift')}"
            raise NotSupportedError(feature)
        each.pop()
    return style, sort_key


def _column(column: exp.ColumnDef) -> None:
    for constraint in list(column.constraints):
        if isinstance(constraint.kind, (exp.PrimaryKeyColumnConstraint, exp.EncodeColumnConstraint)):
            constraint.pop()
        elif not isinstance(constraint.kind, (exp.NotNullColumnConstraint, exp.DefaultColumnConstraint)):
            feature = f"column with {constraint.sql('redshift')}"
            raise NotSupportedError(feature)
    kind = column.kind
    length = kind.find(exp.DataTypeParam) if kind else None
    if kind and length and kind.is_type(*exp.DataType.TEXT_TYPES):
        name = exp.to_identifier(column.name, quoted=True).sql("duckdb")
        check: Any = exp.maybe_parse(f"octet_length(encode({name})) <= {length.name}", dialect="duckdb")
        column.append("constraints", exp.ColumnConstraint(kind=exp.CheckColumnConstraint(this=check)))


def _merge_check(tree: exp.Merge) -> str:
    """Redshift fails where two source rows match one target row; DuckDB would take either."""
    target, source, condition = (tree.args[name].sql("duckdb") for name in ("this", "using", "on"))
    matches = exp.select("1").from_(exp.maybe_parse(target, into=exp.Table, dialect="duckdb"))
    joined = matches.join(source, on=condition, dialect="duckdb")
    twice = joined.group_by(f"{tree.this.alias_or_name}.rowid", dialect="duckdb").having("count(*) > 1")
    return twice.limit(1).sql("duckdb")
