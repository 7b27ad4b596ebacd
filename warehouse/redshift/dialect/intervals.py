"""Intervals: their literals, and DATEADD, which adds one.

Source: AWS, Amazon Redshift Database Developer Guide, "Interval literals" and "DATEADD".
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed, binary, call, cast, is_literal, number
from warehouse.redshift.dialect.calls import Call
from warehouse.redshift.dialect.casts import cast_to
from warehouse.redshift.dialect.date_parts import STEPS, part_of
from warehouse.redshift.dialect.sql_types import INT4, INT8, INTERVAL, TIMESTAMP, TIMESTAMPTZ
from warehouse.redshift.errors import NotSupportedError

if TYPE_CHECKING:
    from warehouse.redshift.dialect.reader import Reader
    from warehouse.redshift.dialect.scope import Scope

_PART = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([a-z]+)[,\s]*", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?")


def interval(_reader: "Reader", node: exp.Interval, _scope: "Scope") -> Typed:
    """Read INTERVAL '3 days', with one part or several, and hours with a colon."""
    if not is_literal(node.this):
        feature = "an INTERVAL that is not a literal"
        raise NotSupportedError(feature)
    return _read(node.this.name, node.text("unit"))


def _read(written: str, unit: str = "") -> Typed:
    rest, steps = f"{written} {unit}".strip(), []
    while found := _PART.match(rest):
        rest = rest[found.end() :]
        steps.append(_part_of(found[1], found[2]))
    if clock := _CLOCK.fullmatch(rest):
        hours, minutes, seconds = (int(clock[at] or 0) for at in (1, 2, 3))
        micros = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + int((clock[4] or "").ljust(6, "0"))
        steps.append(_step("microsecond", number(micros)))
    elif rest or not steps:
        feature = f"INTERVAL '{written}'; write a number and a part"
        raise NotSupportedError(feature)
    total = steps[0]
    for step in steps[1:]:
        total = binary(exp.Add, total, step)
    return Typed(total, INTERVAL)


def _part_of(amount: str, name: str) -> exp.Expr:
    part = part_of(name, "INTERVAL")
    if part not in STEPS or "." in amount:
        feature = f"INTERVAL '{amount} {name}'"
        raise NotSupportedError(feature)
    size = number(abs(int(amount)))
    return _step(part, exp.Neg(this=size) if amount[0] == "-" else size)


def _step(part: str, amount: exp.Expr) -> exp.Expr:
    function, size = STEPS[part]
    amount = cast(amount, "BIGINT" if function not in {"to_days", "to_months", "to_years"} else "INTEGER")
    return call(function, amount if size == 1 else binary(exp.Mul, amount, number(size)))


def _add(call_: Call) -> Typed:
    """DATEADD: a day that the month has not becomes its last."""
    call_.takes(3)
    part = part_of(call_.keyword(0), "DATEADD")
    if part not in STEPS:
        feature = f"{part.upper()} in function DATEADD"
        raise NotSupportedError(feature)
    value = call_.moment(2)
    amount = call_.coerced(1, INT8 if STEPS[part][0].endswith(("hours", "minutes", "seconds")) else INT4)
    result = TIMESTAMPTZ if value.type == TIMESTAMPTZ else TIMESTAMP
    return Typed(binary(exp.Add, cast_to(value, result).node, _step(part, amount)), result)


def _compared(call_: Call) -> Typed:
    """INTERVAL_CMP of two literals: -1, 0 or 1."""
    call_.takes(2)
    ends = [_read(call_.literal(at)).node for at in range(2)]
    return Typed(call("millrace_compare", *ends), INT4)


FUNCTIONS: dict[str, Callable[[Call], Typed]] = {
    "date_add": _add,
    "dateadd": _add,
    "interval_cmp": _compared,
}
