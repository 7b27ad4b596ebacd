"""OVER (…), WITHIN GROUP (…), APPROXIMATE: what stands around an aggregate or window function.

Source: AWS, Amazon Redshift Database Developer Guide, "Window function syntax summary".
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from warehouse.redshift.dialect.aggregates import AGGREGATES, Aggregate
from warehouse.redshift.dialect.build import Typed, binary, call, number
from warehouse.redshift.dialect.casts import cast_to
from warehouse.redshift.dialect.compare import without_blanks
from warehouse.redshift.dialect.grammar import APPROXIMATE
from warehouse.redshift.dialect.sql_types import FLOAT8, INT8
from warehouse.redshift.errors import NotSupportedError, RedshiftError

if TYPE_CHECKING:
    from warehouse.redshift.dialect.reader import Reader
    from warehouse.redshift.dialect.scope import Scope

_FRAMED = {*AGGREGATES, "first_value", "last_value", "nth_value"} - {"listagg", "median"}
_BOUNDS = {"UNBOUNDED", "CURRENT ROW"}


def windowed(reader: "Reader", node: exp.Window, scope: "Scope") -> Typed:
    """Read f(x) OVER (…).

    Raises:
        NotSupportedError: A frame of RANGE, a named window.
        RedshiftError: A frame is missing where Redshift asks for one.
    """
    if node.args.get("alias") or node.args.get("first") is not None:
        feature = "a named window"
        raise NotSupportedError(feature)
    inner, is_null_ignored = node.this, False
    if isinstance(inner, exp.RespectNulls):
        inner = inner.this
    elif isinstance(inner, exp.IgnoreNulls):
        inner, is_null_ignored = inner.this, True
    order_within = None
    if isinstance(inner, exp.WithinGroup):
        inner, order_within = inner.this, inner.expression
    if not isinstance(inner, exp.Anonymous):
        feature = f"OVER of {inner.sql('redshift')}"
        raise NotSupportedError(feature)
    name, raw = inner.name.lower(), inner.expressions
    if raw and isinstance(raw[0], (exp.IgnoreNulls, exp.RespectNulls)):
        is_null_ignored = isinstance(raw[0], exp.IgnoreNulls)
        raw = [raw[0].this, *raw[1:]]
    _check_frame(name, node)
    it = Aggregate(
        name,
        list(raw),
        reader,
        scope,
        order=order_within,
        window=_window(reader, node, scope),
        is_null_ignored=is_null_ignored,
    )
    read = _WINDOWS.get(name) or AGGREGATES.get(name)
    if read is None:
        feature = f"function {name.upper()} OVER"
        raise NotSupportedError(feature)
    return read(it)


def _check_frame(name: str, node: exp.Window) -> None:
    spec = node.args.get("spec")
    if spec is None:
        if name in _FRAMED and node.args.get("order"):
            msg = "Aggregate window functions with an ORDER BY clause require a frame clause"
            raise RedshiftError(msg)
        return
    if (spec.args.get("kind") or "").upper() != "ROWS" or spec.args.get("exclude"):
        feature = f"a frame of {(spec.args.get('kind') or '').upper()}; only ROWS"
        raise NotSupportedError(feature)
    if name not in _FRAMED:
        msg = f"function {name} takes no frame"
        raise RedshiftError(msg)


def _window(reader: "Reader", node: exp.Window, scope: "Scope") -> exp.Window:
    partition = [_key(reader, each, scope) for each in node.args.get("partition_by") or []]
    order = node.args.get("order")
    terms = []
    for each in order.expressions if order else []:
        term = each.copy()
        term.set("this", _key(reader, each.this, scope))
        terms.append(term)
    spec = node.args.get("spec")
    return exp.Window(
        this=None,
        partition_by=partition,
        order=exp.Order(expressions=terms) if terms else None,
        spec=spec.copy() if spec else None,
        over="OVER",
    )


def _key(reader: "Reader", node: exp.Expr, scope: "Scope") -> exp.Expr:
    """Return what tells rows apart: texts that differ in the blanks at their end are peers."""
    value = reader.expression(node, scope)
    return without_blanks(value) if value.type.is_text else value.node


def within_group(reader: "Reader", node: exp.WithinGroup, scope: "Scope") -> Typed:
    """Read f(x) WITHIN GROUP (ORDER BY …)."""
    inner = node.this
    if isinstance(inner, exp.Anonymous) and inner.name == APPROXIMATE:
        inner = inner.expressions[0]
    name = inner.name.lower() if isinstance(inner, exp.Anonymous) else ""
    if name not in {"listagg", "percentile_cont", "percentile_disc"}:
        feature = f"WITHIN GROUP of {inner.sql('redshift')}"
        raise NotSupportedError(feature)
    it = Aggregate(name, list(inner.expressions), reader, scope, order=node.expression)
    return AGGREGATES[name](it)


def approximate(call_: Aggregate) -> Typed:
    """Read APPROXIMATE f(x)."""
    (inner,) = call_.raw
    if isinstance(inner, exp.WithinGroup):
        return within_group(call_.reader, inner, call_.scope)
    name = inner.name.lower() if isinstance(inner, exp.Anonymous) else ""
    if name != "count":
        feature = f"APPROXIMATE {name.upper()}"
        raise NotSupportedError(feature)
    it = Aggregate(name, list(inner.expressions), call_.reader, call_.scope, is_approximate=True)
    return AGGREGATES[name](it)


def grouped(call_: "Aggregate") -> Typed:
    """Read f(x) of a group."""
    it = Aggregate(call_.name, call_.raw, call_.reader, call_.scope)
    return AGGREGATES[it.name](it)


def _rank(name: str) -> Callable[[Aggregate], Typed]:
    def read(it: Aggregate) -> Typed:
        it.takes(0)
        is_share = name in {"cume_dist", "percent_rank"}
        return Typed(it.over(call(name)), FLOAT8 if is_share else INT8)

    return read


def _ntile(it: Aggregate) -> Typed:
    it.takes(1)
    return Typed(it.over(call("ntile", it.integer(0))), INT8)


def _beside(it: Aggregate) -> Typed:
    """LAG, LEAD: Redshift's take no default."""
    count = it.takes(1, 2)
    value = it.typed(0)
    offset = it.integer(1) if count > 1 else number(1)
    node = (exp.Lag if it.name == "lag" else exp.Lead)(this=value.node, offset=offset)
    return Typed(it.over(exp.IgnoreNulls(this=node) if it.is_null_ignored else node), value.type)


def _at(it: Aggregate) -> Typed:
    """FIRST_VALUE, LAST_VALUE, NTH_VALUE."""
    it.takes(2 if it.name == "nth_value" else 1)
    value = it.typed(0)
    node: exp.Expr
    if it.name == "nth_value":
        node = exp.NthValue(this=value.node, offset=it.integer(1))
    else:
        node = (exp.FirstValue if it.name == "first_value" else exp.LastValue)(this=value.node)
    return Typed(it.over(exp.IgnoreNulls(this=node) if it.is_null_ignored else node), value.type)


def _ratio(it: Aggregate) -> Typed:
    it.takes(1)
    value = cast_to(it.typed(0), FLOAT8)
    total = it.over(call("sum", value.node.copy()))
    return Typed(binary(exp.Div, value.node, total), FLOAT8)


_WINDOWS: dict[str, Callable[[Aggregate], Typed]] = {
    "cume_dist": _rank("cume_dist"),
    "dense_rank": _rank("dense_rank"),
    "first_value": _at,
    "lag": _beside,
    "last_value": _at,
    "lead": _beside,
    "nth_value": _at,
    "ntile": _ntile,
    "percent_rank": _rank("percent_rank"),
    "rank": _rank("rank"),
    "ratio_to_report": _ratio,
    "row_number": _rank("row_number"),
}
