"""Parts of dates and timestamps: EXTRACT, DATE_PART, DATE_TRUNC, DATEDIFF.

Source: AWS, Amazon Redshift Database Developer Guide, "Date parts for date or timestamp functions": a century
begins with year ##01 and a millennium with #001, and decade 201 begins with 2000.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed, binary, call, cast, number, string
from warehouse.redshift.dialect.calls import Call
from warehouse.redshift.dialect.casts import as_moment, cast_to
from warehouse.redshift.dialect.date_parts import STEPS, part_of
from warehouse.redshift.dialect.sql_types import DATE, FLOAT8, INT4, INT8, TIMESTAMP, TIMESTAMPTZ, Type
from warehouse.redshift.errors import NotSupportedError, RedshiftError

if TYPE_CHECKING:
    from warehouse.redshift.dialect.reader import Reader
    from warehouse.redshift.dialect.scope import Scope

_OF_ZONE = {"timezone", "timezone_hour", "timezone_minute"}
_YEARS = {"century": 100, "millennium": 1000}


def extract(reader: "Reader", node: exp.Extract, scope: "Scope") -> Typed:
    """Read EXTRACT: a whole number of the one part, without what is above and below it."""
    part = part_of(node.name, "EXTRACT")
    value = as_moment(reader.expression(node.expression, scope), "EXTRACT")
    if part in _OF_ZONE and value.type != TIMESTAMPTZ:
        feature = f"{node.name.upper()} of {value.type} in function EXTRACT"
        raise NotSupportedError(feature)
    result = FLOAT8 if value.type == TIMESTAMPTZ else INT4
    whole = _number(part, value)
    if part in {"millisecond", "microsecond"}:
        per_second = 1000 if part == "millisecond" else 1_000_000
        whole = binary(exp.Mod, whole, number(per_second))
    return Typed(cast(call("floor", whole) if part == "epoch" else whole, result), result)


def _number(part: str, value: Typed) -> exp.Expr:
    node = call("date_part", string(part), value.node)
    return binary(exp.Add, node, number(1)) if part == "decade" else node


def _date_part(call_: Call) -> Typed:
    """DATE_PART is DOUBLE PRECISION; of a second and what is below, it is all of the seconds."""
    call_.takes(2)
    part = part_of(call_.keyword(0), "DATE_PART")
    value = call_.moment(1)
    if part in _OF_ZONE:
        feature = f"{part.upper()} in function DATE_PART"
        raise NotSupportedError(feature)
    if per_second := {"second": 1_000_000, "millisecond": 1000, "microsecond": 1}.get(part):
        micros = cast(call("date_part", string("microsecond"), value.node), FLOAT8)
        return Typed(binary(exp.Div, micros, cast(number(per_second), FLOAT8)), FLOAT8)
    return Typed(cast(_number(part, value), FLOAT8), FLOAT8)


def _truncate(call_: Call) -> Typed:
    """DATE_TRUNC: weeks begin on Monday; the result is a timestamp."""
    call_.takes(2)
    part = part_of(call_.literal(0), "DATE_TRUNC")
    value = call_.moment(1)
    if part not in STEPS:
        msg = f'date part "{part}" is not one of DATE_TRUNC'
        raise RedshiftError(msg)
    result = TIMESTAMPTZ if value.type == TIMESTAMPTZ else TIMESTAMP
    moment = cast_to(value, result).node
    if years := _YEARS.get(part):
        return Typed(call("millrace_trunc_years", moment, number(years)), result)
    return Typed(call("date_trunc", string(part), moment), result)


def _difference(call_: Call) -> Typed:
    """DATEDIFF counts the boundaries that are crossed. Where a week begins for it is not documented."""
    call_.takes(3)
    part = part_of(call_.keyword(0), "DATEDIFF")
    if part not in STEPS or part == "week":
        feature = f"{part.upper()} in function DATEDIFF"
        raise NotSupportedError(feature)
    first, second = call_.moment(1), call_.moment(2)
    kind = TIMESTAMPTZ if TIMESTAMPTZ in {first.type, second.type} else TIMESTAMP
    ends = [cast_to(each, kind) for each in (first, second)]
    if part in _YEARS:
        return Typed(binary(exp.Sub, *(_number(part, each) for each in reversed(ends))), INT8)
    return Typed(call("date_diff", string(part), *(each.node for each in ends)), INT8)


def _year(call_: Call) -> Typed:
    call_.takes(1)
    return Typed(cast(call("year", call_.moment(0).node), INT4), INT4)


def _compared(*kinds: Type) -> Callable[[Call], Typed]:
    """Return the reader of DATE_CMP or one of its kin: -1, 0 or 1."""

    def read(call_: Call) -> Typed:
        call_.takes(2)
        widest = TIMESTAMPTZ if TIMESTAMPTZ in kinds else TIMESTAMP if TIMESTAMP in kinds else kinds[0]
        ends = [
            cast_to(cast_to(call_.moment(at), kind), widest).node for at, kind in enumerate((kinds * 2)[:2])
        ]
        return Typed(call("millrace_compare", *ends), INT4)

    return read


FUNCTIONS: dict[str, Callable[[Call], Typed]] = {
    "date_cmp": _compared(DATE),
    "date_cmp_timestamp": _compared(DATE, TIMESTAMP),
    "date_cmp_timestamptz": _compared(DATE, TIMESTAMPTZ),
    "date_diff": _difference,
    "date_part": _date_part,
    "date_part_year": _year,
    "date_trunc": _truncate,
    "datediff": _difference,
    "pgdate_part": _date_part,
    "timestamp_cmp": _compared(TIMESTAMP),
    "timestamp_cmp_date": _compared(TIMESTAMP, DATE),
    "timestamp_cmp_timestamptz": _compared(TIMESTAMP, TIMESTAMPTZ),
    "timestamptz_cmp": _compared(TIMESTAMPTZ),
    "timestamptz_cmp_date": _compared(TIMESTAMPTZ, DATE),
    "timestamptz_cmp_timestamp": _compared(TIMESTAMPTZ, TIMESTAMP),
}
