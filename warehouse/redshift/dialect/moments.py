"""Dates and timestamps: functions and forms of them.

Source: AWS, Amazon Redshift Database Developer Guide, "Date and time functions".
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from warehouse.redshift.dialect import formats
from warehouse.redshift.dialect.build import Typed, binary, call, cast, is_literal, number, string
from warehouse.redshift.dialect.calls import Call
from warehouse.redshift.dialect.casts import cast_to, coerce, text_of
from warehouse.redshift.dialect.date_parts import PARTS, STEPS
from warehouse.redshift.dialect.sql_types import (
    DATE,
    FLOAT8,
    INT4,
    INT8,
    INTERVAL,
    TEXT,
    TIMESTAMP,
    TIMESTAMPTZ,
)
from warehouse.redshift.errors import NotSupportedError, RedshiftError

if TYPE_CHECKING:
    from warehouse.redshift.dialect.reader import Reader
    from warehouse.redshift.dialect.scope import Scope

NOW = "statement_started"
"""The parameter of DuckDB's SQL that carries the time of GETDATE()."""

_PARTS_OF_EXTRACT = set(STEPS) - {"century", "decade"} | {"dow", "doy", "epoch"}
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


def _part(name: str, function: str) -> str:
    part = PARTS.get(name.lower())
    if part is None:
        msg = f'date part "{name}" is not one of {function}'
        raise RedshiftError(msg)
    return part


def extract(reader: "Reader", node: exp.Extract, scope: "Scope") -> Typed:
    """Read EXTRACT: a whole number of the one part, without what is above and below it."""
    part = _part(node.name, "EXTRACT")
    value = _moment(reader.expression(node.expression, scope), "EXTRACT")
    if part not in _PARTS_OF_EXTRACT or part == "epoch":
        feature = f"{node.name.upper()} in function EXTRACT"
        raise NotSupportedError(feature)
    result = FLOAT8 if value.type == TIMESTAMPTZ else INT4
    whole = call("date_part", string(part), value.node)
    if part in {"millisecond", "microsecond"}:
        per_second = 1000 if part == "millisecond" else 1_000_000
        whole = binary(exp.Mod, whole, number(per_second))
    return Typed(cast(whole, result), result)


def _moment(value: Typed, where: str) -> Typed:
    if value.type.is_unknown or value.type.is_text:
        return coerce(value, TIMESTAMP, where)
    if not (value.type.is_moment or value.type.name == "time"):
        msg = f"{where} is of a date or a timestamp; got {value.type}"
        raise RedshiftError(msg)
    return value


def interval(_reader: "Reader", node: exp.Interval, _scope: "Scope") -> Typed:
    """Read INTERVAL '3 days', with one part or several."""
    if not is_literal(node.this):
        feature = "an INTERVAL that is not a literal"
        raise NotSupportedError(feature)
    words = node.this.name.replace(",", " ").split()
    unit = node.text("unit")
    if unit:
        words.append(unit)
    if not words or len(words) % 2:
        feature = f"INTERVAL '{node.this.name}'; write a number and a part"
        raise NotSupportedError(feature)
    total: exp.Expr | None = None
    for amount, name in zip(words[::2], words[1::2], strict=True):
        part = _part(name, "INTERVAL")
        if part not in STEPS or not amount.lstrip("+-").isdigit():
            feature = f"INTERVAL '{amount} {name}'"
            raise NotSupportedError(feature)
        step = _step(part, number(int(amount)) if int(amount) >= 0 else exp.Neg(this=number(-int(amount))))
        total = step if total is None else binary(exp.Add, total, step)
    return Typed(total, INTERVAL)  # type: ignore[arg-type]  # there is one word at least


def _step(part: str, amount: exp.Expr) -> exp.Expr:
    function, size = STEPS[part]
    amount = cast(amount, "BIGINT" if function not in {"to_days", "to_months", "to_years"} else "INTEGER")
    return call(function, amount if size == 1 else binary(exp.Mul, amount, number(size)))


def at_time_zone(reader: "Reader", node: exp.AtTimeZone, scope: "Scope") -> Typed:
    """Read AT TIME ZONE, which takes a zone away or gives one."""
    value = _moment(reader.expression(node.this, scope), "AT TIME ZONE")
    zone = _zone(node.args["zone"])
    if value.type == DATE:
        value = cast_to(value, TIMESTAMP)
    result = TIMESTAMP if value.type == TIMESTAMPTZ else TIMESTAMPTZ
    return Typed(call("timezone", zone, value.node), result)


def _zone(node: exp.Expr) -> exp.Expr:
    if not is_literal(node):
        return node if isinstance(node, exp.Column) else _no_zone(node.sql("redshift"))
    name = node.name
    return string("UTC" if name.upper() in {"UTC", "GMT"} else name) if _is_zone(name) else _no_zone(name)


def _is_zone(name: str) -> bool:
    return name.upper() in {"UTC", "GMT"} or "/" in name


def _no_zone(name: str) -> exp.Expr:
    feature = f"time zone `{name}`; only UTC and names such as America/New_York"
    raise NotSupportedError(feature)


def _convert(call_: Call) -> Typed:
    """CONVERT_TIMEZONE([from,] to, timestamp): from UTC unless it is said; the result has no zone."""
    count = call_.takes(2, 3)
    zones = [_zone(call_.reader.expression(raw, call_.scope).node) for raw in call_.raw[: count - 1]]
    value = call_.moment(count - 1)
    source, target = (string("UTC"), zones[0]) if count == 2 else zones  # noqa: PLR2004  # without from
    if value.type == TIMESTAMPTZ:
        return Typed(call("timezone", target, value.node), TIMESTAMP)
    with_zone = call("timezone", source, cast_to(value, TIMESTAMP).node)
    return Typed(call("timezone", target, with_zone), TIMESTAMP)


def _now(call_: Call) -> Typed:
    """GETDATE() is when the statement began, in whole seconds as Redshift has it, and without a zone."""
    call_.takes(0)
    moment = (
        call("timezone", string("UTC"), call("now"))
        if call_.reader.is_lasting
        else cast(exp.Placeholder(this=NOW), "TIMESTAMP")
    )
    return Typed(call("date_trunc", string("second"), moment), TIMESTAMP)


def _begun(call_: Call) -> Typed:
    """SYSDATE is when the transaction began."""
    call_.takes(0)
    return Typed(call("timezone", string("UTC"), call("now")), TIMESTAMP)


def _today(call_: Call) -> Typed:
    call_.takes(0)
    return Typed(cast(call("timezone", string("UTC"), call("now")), "DATE"), DATE)


def _add(call_: Call) -> Typed:
    """DATEADD: a day that the month has not becomes its last."""
    call_.takes(3)
    part = _part(call_.keyword(0), "DATEADD")
    if part not in STEPS:
        feature = f"{part.upper()} in function DATEADD"
        raise NotSupportedError(feature)
    value = call_.moment(2)
    amount = call_.coerced(1, INT8 if STEPS[part][0].endswith(("hours", "minutes", "seconds")) else INT4)
    result = TIMESTAMPTZ if value.type == TIMESTAMPTZ else TIMESTAMP
    return Typed(binary(exp.Add, cast_to(value, result).node, _step(part, amount)), result)


def _difference(call_: Call) -> Typed:
    """DATEDIFF counts the boundaries that are crossed. Where a week begins for it is not documented."""
    call_.takes(3)
    part = _part(call_.keyword(0), "DATEDIFF")
    if part not in STEPS or part == "week":
        feature = f"{part.upper()} in function DATEDIFF"
        raise NotSupportedError(feature)
    first, second = call_.moment(1), call_.moment(2)
    kind = TIMESTAMPTZ if TIMESTAMPTZ in {first.type, second.type} else TIMESTAMP
    ends = (cast_to(each, kind).node for each in (first, second))
    return Typed(call("date_diff", string(part), *ends), INT8)


def _date_part(call_: Call) -> Typed:
    """DATE_PART is DOUBLE PRECISION; of seconds it has the fraction."""
    call_.takes(2)
    part = _part(call_.keyword(0), "DATE_PART")
    value = call_.moment(1)
    if part not in _PARTS_OF_EXTRACT or part == "millisecond":
        feature = f"{part.upper()} in function DATE_PART"
        raise NotSupportedError(feature)
    if part in {"second", "microsecond"}:
        micros = cast(call("date_part", string("microsecond"), value.node), FLOAT8)
        if part == "second":
            return Typed(binary(exp.Div, micros, cast(number(1_000_000), FLOAT8)), FLOAT8)
        feature = "MICROSECOND in function DATE_PART"
        raise NotSupportedError(feature)
    return Typed(cast(call("date_part", string(part), value.node), FLOAT8), FLOAT8)


def _truncate(call_: Call) -> Typed:
    """DATE_TRUNC: weeks begin on Monday; the result is a timestamp."""
    call_.takes(2)
    part = _part(call_.literal(0), "DATE_TRUNC")
    value = call_.moment(1)
    if part in {"dow", "doy", "epoch"}:
        msg = f'date part "{part}" is not one of DATE_TRUNC'
        raise RedshiftError(msg)
    result = TIMESTAMPTZ if value.type == TIMESTAMPTZ else TIMESTAMP
    return Typed(call("date_trunc", string(part), cast_to(value, result).node), result)


def _add_months(call_: Call) -> Typed:
    """ADD_MONTHS: the last day of a month stays the last."""
    call_.takes(2)
    value = cast_to(call_.moment(0), TIMESTAMP)
    return Typed(call("millrace_add_months", value.node, call_.integer(1)), TIMESTAMP)


def _months_between(call_: Call) -> Typed:
    call_.takes(2)
    ends = (cast_to(call_.moment(at), TIMESTAMP).node for at in range(2))
    return Typed(call("millrace_months_between", *ends), FLOAT8)


def _last_day(call_: Call) -> Typed:
    call_.takes(1)
    return Typed(call("last_day", cast_to(call_.moment(0), DATE).node), DATE)


def _next_day(call_: Call) -> Typed:
    """NEXT_DAY: the first such day after the date, never the date itself."""
    call_.takes(2)
    name = call_.literal(1).lower()
    found = [at for at, day in enumerate(_DAYS) if len(name) > 1 and day.startswith(name)]
    if len(found) != 1:
        msg = f"`{call_.literal(1)}` is no day of the week"
        raise RedshiftError(msg)
    return Typed(call("millrace_next_day", cast_to(call_.moment(0), DATE).node, number(found[0])), DATE)


def _to_char(call_: Call) -> Typed:
    call_.takes(2)
    value = call_.typed(0)
    if value.type.is_number:
        return Typed(formats.number_text(value, call_.literal(1)), TEXT)
    moment = call_.moment(0)
    if moment.type == TIMESTAMPTZ:
        moment = Typed(call("timezone", string("UTC"), moment.node), TIMESTAMP)
    return Typed(formats.moment_text(cast_to(moment, TIMESTAMP).node, call_.literal(1)), TEXT)


def _to_date(call_: Call) -> Typed:
    """TO_DATE, TO_TIMESTAMP: a part that is out of its range fails, where Redshift may carry it over."""
    call_.takes(2, 3)
    pattern = string(formats.read_pattern(call_.literal(1), call_.name.upper()))
    value = call_.typed(0)
    text = cast(value.node, "VARCHAR") if value.type.is_unknown else text_of(value)
    read = call("strptime", text, pattern)
    if call_.name == "to_date":
        return Typed(cast(read, "DATE"), DATE)
    return Typed(call("timezone", string("UTC"), read), TIMESTAMPTZ)


def _to_number(call_: Call) -> Typed:
    call_.takes(2)
    return formats.text_number(call_.text(0), call_.literal(1))


def _date(call_: Call) -> Typed:
    call_.takes(1)
    return cast_to(call_.typed(0), DATE)


def _compared(call_: Call) -> Typed:
    """DATE_CMP and its kin: -1, 0 or 1."""
    call_.takes(2)
    kind = DATE if call_.name == "date_cmp" else TIMESTAMP
    left, right = (cast_to(call_.moment(at), kind).node for at in range(2))
    return Typed(call("millrace_compare", left, right), INT4)


FUNCTIONS: dict[str, Callable[[Call], Typed]] = {
    "add_months": _add_months,
    "convert_timezone": _convert,
    "date": _date,
    "date_add": _add,
    "date_cmp": _compared,
    "date_diff": _difference,
    "date_part": _date_part,
    "date_trunc": _truncate,
    "dateadd": _add,
    "datediff": _difference,
    "getdate": _now,
    "last_day": _last_day,
    "months_between": _months_between,
    "next_day": _next_day,
    "pgdate_part": _date_part,
    "timestamp_cmp": _compared,
    "to_char": _to_char,
    "to_date": _to_date,
    "to_number": _to_number,
    "to_timestamp": _to_date,
}
BARE: dict[str, Callable[[Call], Typed]] = {"current_date": _today, "sysdate": _begun}
"""Words that are functions without parentheses."""
