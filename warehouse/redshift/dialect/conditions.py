"""CASE, COALESCE and their kin: one type for all their results.

Source: AWS, Amazon Redshift Database Developer Guide, "Conditional expressions".
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed, binary, call, is_literal
from warehouse.redshift.dialect.calls import Call
from warehouse.redshift.dialect.casts import cast_to
from warehouse.redshift.dialect.compare import alike, condition
from warehouse.redshift.dialect.sql_types import SUPER, Type, common_type

if TYPE_CHECKING:
    from warehouse.redshift.dialect.reader import Reader
    from warehouse.redshift.dialect.scope import Scope


def unified(values: list[Typed], where: str) -> tuple[list[exp.Expr], Type]:
    """Return values of one type, and the type."""
    if any(value.type == SUPER for value in values):
        return [cast_to(value, SUPER).node for value in values], SUPER
    kind = common_type((value.type for value in values), where)
    if kind.is_text and any(_is_longer(value, kind) for value in values):
        kind = replace(kind, size=0)
    return [
        value.node if value.type == kind or _is_same_text(value, kind) else cast_to(value, kind).node
        for value in values
    ], kind


def _is_longer(value: Typed, kind: Type) -> bool:
    """Whether a value without a type may be longer than the texts beside it: it is not cut for them."""
    if not value.type.is_unknown or isinstance(value.node, exp.Null):
        return False
    return not is_literal(value.node) or len(value.node.name.encode()) > kind.size


def _is_same_text(value: Typed, kind: Type) -> bool:
    return kind.is_text and (value.type.is_text or value.type.is_unknown)


def case(reader: "Reader", node: exp.Case, scope: "Scope") -> Typed:
    """Read CASE, with a value to compare or without."""
    subject = node.this
    tests: list[exp.Expr] = []
    for each in node.args["ifs"]:
        if subject is None:
            tests.append(condition(reader, each.this, scope))
        else:
            pair = [reader.expression(part, scope) for part in (subject.copy(), each.this)]
            left, right = alike(pair, "CASE")
            tests.append(binary(exp.EQ, left.node, right.node))
    results = [reader.expression(each.args["true"], scope) for each in node.args["ifs"]]
    default = node.args.get("default")
    if default is not None:
        results.append(reader.expression(default, scope))
    nodes, kind = unified(results, "CASE")
    ifs = [exp.If(this=test, true=result) for test, result in zip(tests, nodes, strict=False)]
    otherwise = nodes[-1] if default is not None else None
    return Typed(exp.Case(ifs=ifs, default=otherwise), kind)


def _first(call_: Call) -> Typed:
    """COALESCE, NVL: the first that is there."""
    call_.takes(1, 1000)
    nodes, kind = unified(call_.all(), call_.name.upper())
    return Typed(call("coalesce", *nodes), kind)


def _extreme(call_: Call) -> Typed:
    """GREATEST, LEAST: nothing is left out of account."""
    call_.takes(1, 1000)
    nodes, kind = unified(call_.all(), call_.name.upper())
    return Typed(call(call_.name, *nodes), kind)


def _nullif(call_: Call) -> Typed:
    call_.takes(2)
    first, second = call_.all()
    kind = first.type if not first.type.is_unknown else second.type
    if kind.is_text and _is_longer(first, kind):
        kind = replace(kind, size=0)
    left, right = alike([Typed(first.node.copy(), first.type), second], "NULLIF")
    first = cast_to(first, kind) if first.type.is_unknown and not kind.is_unknown else first
    test = exp.If(this=binary(exp.EQ, left.node, right.node), true=exp.Null())
    return Typed(exp.Case(ifs=[test], default=first.node), kind)


def _nvl2(call_: Call) -> Typed:
    call_.takes(3)
    value, *results = call_.all()
    (there, missing), kind = unified(results, "NVL2")
    test = exp.Paren(this=exp.Is(this=value.node, expression=exp.Null()))
    return Typed(exp.Case(ifs=[exp.If(this=test, true=missing)], default=there), kind)


def _decode(call_: Call) -> Typed:
    """DECODE: like CASE, but nothing equals nothing."""
    call_.takes(3, 1000)
    rest = call_.raw[1:]
    pairs = [(rest[at], rest[at + 1]) for at in range(0, len(rest) - 1, 2)]
    tests: list[exp.Expr] = []
    for search, _result in pairs:
        subject = call_.reader.expression(call_.raw[0].copy(), call_.scope)
        left, right = alike([subject, call_.reader.expression(search, call_.scope)], "DECODE")
        tests.append(binary(exp.NullSafeEQ, left.node, right.node))
    results = [call_.reader.expression(result, call_.scope) for _search, result in pairs]
    has_default = len(rest) % 2 == 1
    if has_default:
        results.append(call_.reader.expression(rest[-1], call_.scope))
    nodes, kind = unified(results, "DECODE")
    ifs = [exp.If(this=test, true=result) for test, result in zip(tests, nodes, strict=False)]
    return Typed(exp.Case(ifs=ifs, default=nodes[-1] if has_default else None), kind)


FUNCTIONS: dict[str, Callable[[Call], Typed]] = {
    "coalesce": _first,
    "decode": _decode,
    "greatest": _extreme,
    "isnull": _first,
    "least": _extreme,
    "nullif": _nullif,
    "nvl": _first,
    "nvl2": _nvl2,
}
