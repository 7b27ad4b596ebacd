"""The reader of expressions: from the inside out, each with its type, written as DuckDB means it.

Source: AWS, Amazon Redshift Database Developer Guide, "SQL reference". What has no reader is refused by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from warehouse.redshift.dialect import (
    arithmetic,
    compare,
    conditions,
    intervals,
    parts,
    patterns,
    sql_functions,
    super_values,
    words,
    zones,
)
from warehouse.redshift.dialect.allowed import name_of
from warehouse.redshift.dialect.build import Typed, call
from warehouse.redshift.dialect.calls import Call
from warehouse.redshift.dialect.casts import cast_to, text_of
from warehouse.redshift.dialect.columns import column
from warehouse.redshift.dialect.functions import BARE, FUNCTIONS
from warehouse.redshift.dialect.scope import Catalogue, Columns, Scope
from warehouse.redshift.dialect.sql_types import BOOL, UNKNOWN, written_type
from warehouse.redshift.dialect.windows import windowed, within_group
from warehouse.redshift.errors import NotSupportedError, RedshiftError


@dataclass(slots=True)
class Reader:
    """Reads one statement.

    Attributes:
        catalogue: Knows tables, views and SQL functions.
        is_lasting: Whether it is a view or a default, where the time is that of each use.
        depth: Of SQL functions in SQL functions.
        parameters: Arguments of the SQL function whose expression is read.
    """

    catalogue: Catalogue
    is_lasting: bool = False
    depth: int = 0
    parameters: tuple[Typed, ...] = ()
    _readers: Mapping[type[exp.Expr], Callable[..., Typed]] = field(default_factory=lambda: _READERS)

    def expression(self, node: exp.Expr, scope: Scope) -> Typed:
        """Return an expression for DuckDB, and its type.

        Raises:
            NotSupportedError: It is none that is known to mean the same.
            RedshiftError: Redshift has no such expression.
        """
        read = self._readers.get(type(node))
        if read is None:
            raise NotSupportedError(name_of(node))
        return read(self, node, scope)

    def query(self, node: exp.Expr, scope: Scope) -> Columns:
        """Rewrite a query inside another where it stands, and return its columns."""
        from warehouse.redshift.dialect.queries import read_query  # noqa: PLC0415  # each reads the other

        return read_query(self, node, scope)

    def function(self, name: str, arguments: list[exp.Expr], scope: Scope) -> Typed:
        """Return a call of one of Redshift's functions."""
        function = FUNCTIONS.get(name)
        if function is None:
            found = sql_functions.inlined(self, name, arguments, scope)
            if found is None:
                feature = f"function {name.upper()}"
                raise NotSupportedError(feature)
            return found
        return function(Call(name, arguments, self, scope))


def _anonymous(reader: Reader, node: exp.Anonymous, scope: Scope) -> Typed:
    return reader.function(node.name.lower(), node.expressions, scope)


def _paren(reader: Reader, node: exp.Paren, scope: Scope) -> Typed:
    value = reader.expression(node.this, scope)
    is_plain = isinstance(value.node, (exp.Paren, exp.Literal, exp.Column, exp.Subquery))
    return value if is_plain else Typed(exp.Paren(this=value.node), value.type)


def _cast(reader: Reader, node: exp.Cast, scope: Scope) -> Typed:
    if node.args.get("format") or node.args.get("default"):
        feature = "FORMAT in CAST"
        raise NotSupportedError(feature)
    kind = written_type(node.to)
    return cast_to(reader.expression(node.this, scope), kind, is_try=isinstance(node, exp.TryCast))


def _subquery(reader: Reader, node: exp.Expr, scope: Scope) -> Typed:
    columns = reader.query(node, scope)
    if len(columns) != 1:
        msg = "subquery must return only one column"
        raise RedshiftError(msg)
    (kind,) = columns.values()
    return Typed(node if isinstance(node, exp.Subquery) else exp.Subquery(this=node), kind)


def _bare(reader: Reader, node: exp.Column, scope: Scope) -> Typed:
    """Read a column; a word such as CURRENT_DATE reads like one."""
    function = BARE.get(node.name) if not node.table and not node.this.quoted else None
    if function and scope.find(node.name) is None:
        return function(Call(node.name, [], reader, scope))
    return column(node, scope)


def _sysdate(reader: Reader, _node: exp.Expr, scope: Scope) -> Typed:
    return BARE["sysdate"](Call("sysdate", [], reader, scope))


def _regexp(reader: Reader, node: exp.Binary, scope: Scope) -> Typed:
    text = text_of(reader.expression(node.this, scope))
    flags = "i" if isinstance(node, exp.RegexpILike) else ""
    pattern = patterns.posix(patterns.literal(node.expression, "a regular expression"))
    arguments = [text, exp.Literal.string(pattern), *([exp.Literal.string(flags)] if flags else [])]
    return Typed(call("regexp_matches", *arguments), BOOL)


def _similar(reader: Reader, node: exp.SimilarTo, scope: Scope) -> Typed:
    return similar(reader, node, "\\", scope)


def similar(reader: Reader, node: exp.SimilarTo, escape: str, scope: Scope) -> Typed:
    """Read SIMILAR TO: the whole text must match."""
    text = text_of(reader.expression(node.this, scope))
    pattern = patterns.similar(patterns.literal(node.expression, "SIMILAR TO"), escape)
    return Typed(call("regexp_full_match", text, exp.Literal.string(pattern), exp.Literal.string("s")), BOOL)


def _escape(reader: Reader, node: exp.Escape, scope: Scope) -> Typed:
    inner = node.this
    if isinstance(inner, exp.SimilarTo):
        return similar(reader, inner, patterns.literal(node.expression, "ESCAPE"), scope)
    return compare.like(reader, node, scope)


_READERS: Mapping[type[exp.Expr], Callable[..., Typed]] = {
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod), arithmetic.arithmetic),
    **dict.fromkeys((exp.And, exp.Or), compare.logic),
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE), compare.comparison),
    **dict.fromkeys((exp.BitwiseAnd, exp.BitwiseOr), arithmetic.bitwise),
    **dict.fromkeys((exp.Like, exp.ILike), compare.like),
    **dict.fromkeys((exp.RegexpLike, exp.RegexpILike), _regexp),
    **dict.fromkeys((exp.Select, exp.Union, exp.Subquery), _subquery),
    **dict.fromkeys((exp.Bracket, exp.Dot), super_values.navigation),
    exp.Anonymous: _anonymous,
    exp.AtTimeZone: zones.at_time_zone,
    exp.BitwiseNot: arithmetic.inverted,
    exp.Between: compare.between,
    exp.Boolean: lambda _reader, node, _scope: Typed(node, BOOL),
    exp.Case: conditions.case,
    exp.Cast: _cast,
    exp.Column: _bare,
    exp.Concat: words.adjacent,
    exp.CurrentTimestamp: _sysdate,
    exp.DPipe: arithmetic.joined,
    exp.Escape: _escape,
    exp.Exists: compare.exists,
    exp.Extract: parts.extract,
    exp.In: compare.within,
    exp.Interval: intervals.interval,
    exp.Is: compare.is_,
    exp.Literal: arithmetic.literal,
    exp.Neg: arithmetic.negative,
    exp.Not: compare.negation,
    exp.Null: lambda _reader, node, _scope: Typed(node, UNKNOWN),
    exp.Parameter: sql_functions.parameter,
    exp.Paren: _paren,
    exp.Pow: arithmetic.power,
    exp.SimilarTo: _similar,
    exp.StrPosition: words.position,
    exp.Substring: words.substring,
    exp.Trim: words.trim,
    exp.TryCast: _cast,
    exp.Window: windowed,
    exp.WithinGroup: within_group,
}
