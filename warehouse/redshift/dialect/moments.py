"""Dates and timestamps: the time now, months and days of the week, texts of them.

Source: AWS, Amazon Redshift Database Developer Guide, "Date and time functions".
"""

from collections.abc import Callable

from sqlglot import exp

from warehouse.redshift.dialect import formats
from warehouse.redshift.dialect.build import Typed, call, cast, number, string
from warehouse.redshift.dialect.calls import Call
from warehouse.redshift.dialect.casts import cast_to, text_of
from warehouse.redshift.dialect.sql_types import (
    DATE,
    FLOAT8,
    TEXT,
    TIMESTAMP,
    TIMESTAMPTZ,
)
from warehouse.redshift.errors import NotSupportedError, RedshiftError

NOW = "statement_started"
"""The parameter of DuckDB's SQL that carries the time of GETDATE()."""

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


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


def _deprecated(call_: Call) -> Typed:
    """CURRENT_TIMESTAMP and its kin, which only the leader node has."""
    feature = f"{call_.name.upper()}, which AWS deprecates; use GETDATE() or SYSDATE"
    raise NotSupportedError(feature)


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
    pattern = formats.read_pattern(call_.literal(1), call_.name.upper())
    value = call_.typed(0)
    text = cast(value.node, "VARCHAR") if value.type.is_unknown else text_of(value)
    read = call("strptime", text, string(pattern))
    if "%y" in pattern:  # as PostgreSQL has it, 69 is 2069 and 70 is 1970
        read = call("millrace_two_digit_year", read)
    if call_.name == "to_date":
        return Typed(cast(read, "DATE"), DATE)
    return Typed(call("timezone", string("UTC"), read), TIMESTAMPTZ)


def _to_number(call_: Call) -> Typed:
    call_.takes(2)
    return formats.text_number(call_.text(0), call_.literal(1))


def _date(call_: Call) -> Typed:
    call_.takes(1)
    return cast_to(call_.typed(0), DATE)


FUNCTIONS: dict[str, Callable[[Call], Typed]] = {
    "add_months": _add_months,
    "date": _date,
    "getdate": _now,
    "last_day": _last_day,
    "months_between": _months_between,
    "next_day": _next_day,
    "to_char": _to_char,
    "to_date": _to_date,
    "to_number": _to_number,
    "to_timestamp": _to_date,
}
BARE: dict[str, Callable[[Call], Typed]] = {
    "current_date": _today,
    "sysdate": _begun,
    **dict.fromkeys(("current_time", "current_timestamp", "localtime", "localtimestamp"), _deprecated),
}
"""Words that are functions without parentheses."""
