"""Time zones: AT TIME ZONE, TIMEZONE, CONVERT_TIMEZONE.

Source: AWS, Amazon Redshift Database Developer Guide, "AT TIME ZONE", "CONVERT_TIMEZONE" and "Time zone usage
notes": a name such as America/New_York has daylight saving time, an abbreviation such as EST has none.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed, call, is_literal, string
from warehouse.redshift.dialect.calls import Call
from warehouse.redshift.dialect.casts import as_moment, cast_to, text_of
from warehouse.redshift.dialect.sql_types import DATE, TIMESTAMP, TIMESTAMPTZ
from warehouse.redshift.errors import NotSupportedError

if TYPE_CHECKING:
    from warehouse.redshift.dialect.reader import Reader
    from warehouse.redshift.dialect.scope import Scope

_HOURS = {
    "-10": "HST",
    "-9": "AKST",
    "-8": "PST AKDT",
    "-7": "MST PDT",
    "-6": "CST MDT",
    "-5": "EST CDT",
    "-4": "EDT AST",
    "-3": "ADT",
    "+0": "UTC GMT WET",
    "+1": "CET MET WEST BST",
    "+2": "CEST EET",
    "+3": "EEST",
    "+8": "SGT HKT",
    "+9": "JST KST",
    "+10": "AEST",
    "+12": "NZST",
    "+13": "NZDT",
}
_ABBREVIATIONS = {
    name: f"Etc/GMT{'-' if hours[0] == '+' else '+'}{hours[1:]}"
    for hours, names in _HOURS.items()
    for name in names.split()
}
"""What is always so many hours from UTC, as the zones of the same hours are called: their sign is turned."""


def at_time_zone(reader: "Reader", node: exp.AtTimeZone, scope: "Scope") -> Typed:
    """Read AT TIME ZONE, which takes a zone away or gives one."""
    value = as_moment(reader.expression(node.this, scope), "AT TIME ZONE")
    return _moved(value, reader.expression(node.args["zone"], scope))


def _moved(value: Typed, zone: Typed) -> Typed:
    if value.type == DATE:
        value = cast_to(value, TIMESTAMP)
    result = TIMESTAMP if value.type == TIMESTAMPTZ else TIMESTAMPTZ
    return Typed(call("timezone", _zone(zone), value.node), result)


def _zone(zone: Typed) -> exp.Expr:
    if not is_literal(zone.node):
        return call("millrace_zone", text_of(zone))
    name = zone.node.name
    if "/" in name:
        return zone.node
    if name.upper() not in _ABBREVIATIONS:
        feature = f"time zone `{name}`; write a name such as America/New_York"
        raise NotSupportedError(feature)
    return string(_ABBREVIATIONS[name.upper()])


def _timezone(call_: Call) -> Typed:
    """TIMEZONE(zone, moment): AT TIME ZONE as a function."""
    call_.takes(2)
    return _moved(call_.moment(1), call_.typed(0))


def _convert(call_: Call) -> Typed:
    """CONVERT_TIMEZONE([from,] to, timestamp): from UTC unless it is said; the result has no zone."""
    count = call_.takes(2, 3)
    zones = [_zone(call_.typed(at)) for at in range(count - 1)]
    value = call_.moment(count - 1)
    source, target = (string("UTC"), zones[0]) if count == 2 else zones  # noqa: PLR2004  # without from
    if value.type == TIMESTAMPTZ:
        return Typed(call("timezone", target, value.node), TIMESTAMP)
    with_zone = call("timezone", source, cast_to(value, TIMESTAMP).node)
    return Typed(call("timezone", target, with_zone), TIMESTAMP)


FUNCTIONS: dict[str, Callable[[Call], Typed]] = {"convert_timezone": _convert, "timezone": _timezone}
MACRO = (
    "create or replace macro millrace_zone(x) as case when x is null or contains(x, '/') then x else "
    "case upper(x) "
    + " ".join(f"when '{name}' then '{zone}'" for name, zone in _ABBREVIATIONS.items())
    + " else error('time zone \"' || x || '\" is not known to this warehouse') end end;\n"
)
"""A zone that is computed."""
