"""Aggregates, in groups and in windows.

Source: AWS, Amazon Redshift Database Developer Guide, "Aggregate functions" and "Window functions".
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from warehouse.redshift.dialect.arithmetic import whole_quotient
from warehouse.redshift.dialect.build import Typed, binary, call, cast, is_literal, number, string
from warehouse.redshift.dialect.calls import Call
from warehouse.redshift.dialect.casts import cast_to, text_of
from warehouse.redshift.dialect.compare import condition, without_blanks
from warehouse.redshift.dialect.peers import listed
from warehouse.redshift.dialect.sql_types import (
    BOOL,
    DATE,
    FLOAT8,
    INT8,
    MOST_DIGITS,
    SUPER,
    TEXT,
    TIMESTAMP,
    Type,
    as_numeric,
    numeric,
)
from warehouse.redshift.errors import NotSupportedError, RedshiftError


@dataclass(slots=True)
class Aggregate(Call):
    """A call of an aggregate or window function, with what stands around it.

    Attributes:
        order: Of WITHIN GROUP.
        window: Of OVER, rewritten but for what it is of.
        is_null_ignored: Whether IGNORE NULLS was said.
        is_approximate: Whether APPROXIMATE was said.
    """

    order: exp.Order | None = None
    window: exp.Window | None = None
    is_null_ignored: bool = False
    is_approximate: bool = False

    def over(self, node: exp.Expr) -> exp.Expr:
        """Put DuckDB's function into the window, if there is one."""
        if self.window is None:
            node.meta["aggregate"] = True
            return node
        whole: exp.Expr = self.window.copy()
        whole.set("this", node)
        return whole

    def value(self) -> tuple[Typed, bool]:
        """Return the one argument, and whether only distinct values count."""
        self.takes(1)
        raw = self.raw[0]
        if isinstance(raw, exp.Distinct):
            (inner,) = raw.expressions
            if self.window is not None:
                msg = "DISTINCT is not allowed in a window function"
                raise RedshiftError(msg)
            return self.reader.expression(inner, self.scope), True
        return self.typed(0), False

    def number(self) -> tuple[Typed, bool]:
        """Return the one argument, which is a number."""
        value, is_distinct = self.value()
        if value.type.is_unknown:
            value = cast_to(value, FLOAT8)
        if not value.type.is_number:
            msg = f"function {self.name}({value.type}) does not exist"
            raise RedshiftError(msg)
        return value, is_distinct

    def plain(self, name: str, node: exp.Expr, *, is_distinct: bool = False) -> exp.Expr:
        """Return a call of an aggregate of DuckDB's."""
        return self.over(call(name, exp.Distinct(expressions=[node]) if is_distinct else node))


def _count(it: Aggregate) -> Typed:
    it.takes(1)
    raw = it.raw[0]
    if isinstance(raw, exp.Star):
        return Typed(it.over(call("count", exp.Star())), INT8)
    value, is_distinct = it.value()
    if it.is_approximate:
        if not is_distinct:
            msg = "APPROXIMATE COUNT is of DISTINCT values"
            raise RedshiftError(msg)
        is_distinct = True  # exact: within the two per cent that AWS allows
    node = without_blanks(value) if is_distinct and value.type.is_text else value.node
    return Typed(it.plain("count", node, is_distinct=is_distinct), INT8)


def _sum(it: Aggregate) -> Typed:
    value, is_distinct = it.number()
    node = it.plain("sum", value.node, is_distinct=is_distinct)
    if value.type.is_integer:
        return Typed(cast(node, INT8), INT8)
    if value.type.is_float:
        return Typed(node, FLOAT8)
    return Typed(node, numeric(MOST_DIGITS, value.type.scale))


def _average(it: Aggregate) -> Typed:
    """The mean of integers is an integer; that of a DECIMAL has its scale."""
    value, is_distinct = it.number()
    if value.type.is_float:
        return Typed(it.plain("avg", value.node, is_distinct=is_distinct), FLOAT8)
    total = it.plain("sum", value.node, is_distinct=is_distinct)
    count = it.plain("count", value.node.copy(), is_distinct=is_distinct)
    count = call("nullif", count, number(0))
    if value.type.is_integer:
        return Typed(cast(binary(exp.IntDiv, total, count), INT8), INT8)
    result = numeric(MOST_DIGITS, value.type.scale)
    return Typed(whole_quotient(total, result, count), result)


def _extreme(it: Aggregate) -> Typed:
    """MIN, MAX, ANY_VALUE: of their argument's type."""
    value, _ = it.value()
    if value.type.is_unknown:
        value = cast_to(value, TEXT)
    if it.name != "any_value" and value.type in {BOOL, SUPER}:
        msg = f"function {it.name}({value.type}) does not exist"
        raise RedshiftError(msg)
    return Typed(it.plain(it.name, value.node), value.type)


def _spread(name: str) -> Callable[[Aggregate], Typed]:
    """STDDEV, VARIANCE: DOUBLE PRECISION."""

    def read(it: Aggregate) -> Typed:
        value, is_distinct = it.number()
        return Typed(it.plain(name, cast_to(value, FLOAT8).node, is_distinct=is_distinct), FLOAT8)

    return read


def _bits(it: Aggregate) -> Typed:
    value, is_distinct = it.number()
    if not value.type.is_integer:
        msg = f"function {it.name}({value.type}) does not exist"
        raise RedshiftError(msg)
    return Typed(it.plain(it.name, value.node, is_distinct=is_distinct), value.type)


def _bools(it: Aggregate) -> Typed:
    it.takes(1)
    return Typed(
        it.plain("bool_and" if it.name == "every" else it.name, condition(it.reader, it.raw[0], it.scope)),
        BOOL,
    )


def _list(it: Aggregate) -> Typed:
    """LISTAGG: nothing stands between the texts unless it is said; empty texts and nothing are left out."""
    if it.window is not None and it.window.args.get("order"):
        msg = "LISTAGG takes its order WITHIN GROUP"
        raise RedshiftError(msg)
    raws = it.raw
    is_distinct = isinstance(raws[0], exp.Distinct)
    if is_distinct:
        raws = [*raws[0].expressions, *raws[1:]]
    if not 1 <= len(raws) <= 2:  # noqa: PLR2004  # the text and the separator
        msg = f"function listagg does not exist with {len(raws)} arguments"
        raise RedshiftError(msg)
    if len(raws) > 1 and not is_literal(raws[1]):
        feature = "a separator of LISTAGG that is not a literal"
        raise NotSupportedError(feature)
    value = it.reader.expression(raws[0], it.scope)
    node = call("nullif", text_of(value), string(""))
    separator = string(raws[1].name if len(raws) > 1 else "")
    order = it.order.copy() if it.order else None
    if is_distinct:
        if order is None or len(order.expressions) != 1 or order.expressions[0].this.sql() != raws[0].sql():
            feature = "LISTAGG of DISTINCT that is not ordered by what it lists"
            raise NotSupportedError(feature)
        if value.type.is_number:  # the text is what is distinct, and its order is that of the numbers
            node = call(
                "millrace_list",
                call(
                    "list",
                    exp.Order(this=exp.Distinct(expressions=[value.node]), expressions=_terms(it, order)),
                ),
                separator,
            )
            return Typed(it.over(node) if it.window is None else _no_window(), TEXT)
        texts = call("millrace_peers", it.over(listed(node, order.expressions[0])))
        return Typed(call("millrace_fits", call("millrace_list", texts, separator)), TEXT)
    last: exp.Expr = separator
    if order:
        last = exp.Order(this=separator, expressions=_terms(it, order))
    return Typed(call("millrace_fits", it.over(call("string_agg", node, last))), TEXT)


def _no_window() -> exp.Expr:
    feature = "LISTAGG of DISTINCT numbers in a window"
    raise NotSupportedError(feature)


def _terms(it: Aggregate, order: exp.Order) -> list[exp.Expr]:
    values = [it.reader.expression(each.this, it.scope) for each in order.expressions]
    return [
        _ordered(each, without_blanks(value) if value.type.is_text else value.node)
        for each, value in zip(order.expressions, values, strict=True)
    ]


def _ordered(term: exp.Expr, node: exp.Expr) -> exp.Expr:
    return exp.Ordered(this=node, desc=term.args.get("desc"), nulls_first=term.args.get("nulls_first"))


def _median(it: Aggregate) -> Typed:
    value, _ = it.value()
    return _percentile(it, value, 0.5)


def _percentile_cont(it: Aggregate) -> Typed:
    value, fraction, is_descending = _within(it)
    return _percentile(it, value, 1 - fraction if is_descending else fraction)


def _within(it: Aggregate) -> tuple[Typed, float, bool]:
    it.takes(1)
    if it.order is None or len(it.order.expressions) != 1:
        msg = f"{it.name.upper()} needs WITHIN GROUP (ORDER BY …) of one expression"
        raise RedshiftError(msg)
    written = it.raw[0]
    if not isinstance(written, exp.Literal) or written.is_string or not 0 <= float(written.name) <= 1:
        msg = f"{it.name.upper()} takes a number from 0 to 1"
        raise RedshiftError(msg)
    (term,) = it.order.expressions
    value = it.reader.expression(term.this, it.scope)
    return value, float(written.name), bool(term.args.get("desc"))


def _percentile(it: Aggregate, value: Typed, fraction: float) -> Typed:
    """Between two values it interpolates; half-way has one more digit, other ways have who knows how many."""
    result: Type = value.type
    if value.type.is_number and not value.type.is_float:
        if fraction not in {0, 0.5, 1}:
            feature = f"{it.name.upper()} of a DECIMAL at {fraction}; cast it to DOUBLE PRECISION"
            raise NotSupportedError(feature)
        kind = as_numeric(value.type)
        result = numeric(min(kind.size + 1, MOST_DIGITS), kind.scale + 1)
        value = cast_to(value, result)
    elif value.type.is_float:
        result = FLOAT8
        value = cast_to(value, FLOAT8)
    elif value.type.is_moment:
        result = value.type
        value = cast_to(value, TIMESTAMP if result == DATE else result)
    else:
        msg = f"function {it.name}({value.type}) does not exist"
        raise RedshiftError(msg)
    node = it.over(call("quantile_cont", value.node, exp.Literal.number(repr(fraction))))
    return Typed(cast(node, result), result)


def _percentile_disc(it: Aggregate) -> Typed:
    """The first value in the order at which the fraction is reached."""
    value, fraction, is_descending = _within(it)
    if is_descending:
        feature = f"{it.name.upper()} of a descending order"
        raise NotSupportedError(feature)
    node = it.over(call("quantile_disc", value.node, exp.Literal.number(repr(fraction))))
    return Typed(node, value.type)


AGGREGATES: dict[str, Callable[[Aggregate], Typed]] = {
    "any_value": _extreme,
    "avg": _average,
    "bit_and": _bits,
    "bit_or": _bits,
    "bool_and": _bools,
    "bool_or": _bools,
    "count": _count,
    "every": _bools,
    "listagg": _list,
    "max": _extreme,
    "median": _median,
    "min": _extreme,
    "percentile_cont": _percentile_cont,
    "percentile_disc": _percentile_disc,
    "stddev": _spread("stddev_samp"),
    "stddev_pop": _spread("stddev_pop"),
    "stddev_samp": _spread("stddev_samp"),
    "sum": _sum,
    "var_pop": _spread("var_pop"),
    "var_samp": _spread("var_samp"),
    "variance": _spread("var_samp"),
}
