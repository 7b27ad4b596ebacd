"""When automated snapshots are taken: `rate(12 hours)`, `cron(30 12 *)`, in UTC.

AWS, "Automated snapshot schedules": a schedule whose snapshots are less than one hour or more than 24 hours
apart is not supported.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

_RATE = re.compile(r"rate\(\s*(\d+)\s+hours?\s*\)")
_CRON = re.compile(r"cron\(\s*(.+?)\s*\)")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_LONGEST = 6
_FIELDS = 3
_ANY = {"*", "?"}
_WEEK_MINUTES = 7 * 24 * 60
_HOUR = 60
_DAY = 24 * _HOUR


class ScheduleError(ValueError):
    """A definition is none, or none that is supported; the message says which and why."""

    def __init__(self, definition: str, why: str) -> None:
        """Name the definition and say what is wrong."""
        super().__init__(definition, why)
        self.definition = definition
        self.why = why

    def __str__(self) -> str:
        """Say both."""
        return f"schedule definition `{self.definition}`: {self.why}"


@dataclass(frozen=True, slots=True)
class Every:
    """So many hours after the last one."""

    hours: int

    def next(self, last: datetime) -> datetime:
        """Return when the next one is due."""
        return last + timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True)
class Weekly:
    """At minutes of the week, which begins on Sunday in UTC; in their order."""

    minutes: tuple[int, ...]

    def next(self, last: datetime) -> datetime:
        """Return when the next one is due."""
        sunday = (last - timedelta(days=last.isoweekday() % 7)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        passed = (last - sunday) / timedelta(minutes=1)
        following = next((each for each in self.minutes if each > passed), self.minutes[0] + _WEEK_MINUTES)
        return sunday + timedelta(minutes=following)


type Times = Every | Weekly


def times(definitions: Sequence[str]) -> Times:
    """Read the definitions of a schedule.

    >>> times(["rate(12 hours)"])
    Every(hours=12)
    >>> len(times(["cron(30 0/8 *)"]).minutes)
    21

    Raises:
        ScheduleError: One is none, is not supported, or they are too near or too far from one another.
    """
    if not definitions:
        raise ScheduleError("", "there must be one")
    rates = [found for each in definitions if (found := _RATE.fullmatch(each.strip().lower()))]
    if rates and len(definitions) > 1:
        raise ScheduleError(definitions[0], "a rate must be alone; write all of them as cron(…)")
    if rates:
        hours = int(rates[0][1])
        if not 1 <= hours <= _DAY // _HOUR:
            raise ScheduleError(definitions[0], "snapshots must be 1 to 24 hours apart")
        return Every(hours)
    minutes = sorted({minute for each in definitions for minute in _cron(each)})
    gaps = [after - before for before, after in pairwise([*minutes, minutes[0] + _WEEK_MINUTES])]
    if min(gaps) < _HOUR or max(gaps) > _DAY:
        raise ScheduleError(", ".join(definitions), "snapshots must be 1 to 24 hours apart")
    return Weekly(tuple(minutes))


def _cron(definition: str) -> set[int]:
    found = _CRON.fullmatch(definition.strip())
    fields = found[1].split() if found else []
    if len(fields) == _LONGEST:
        minute, hour, day_of_month, month, day, year = fields
        if not {day_of_month, month, year} <= _ANY:
            raise ScheduleError(definition, "day of month, month and year must be `*` or `?`")
    elif len(fields) == _FIELDS:
        minute, hour, day = fields
    else:
        raise ScheduleError(definition, "must be `rate(N hours)` or `cron(MINUTES HOURS DAY-OF-WEEK)`")
    days = _values(definition, day, 1, 7)
    return {
        (each - 1) * _DAY + hours * _HOUR + minutes
        for each in days
        for hours in _values(definition, hour, 0, 23)
        for minutes in _values(definition, minute, 0, 59)
    }


def _values(definition: str, field: str, least: int, most: int) -> set[int]:
    """Return what a field allows: `*`, `?`, `7`, `1-5`, `0/8`, `*/8`, `MON`, and several of them."""
    values: set[int] = set()
    for item in field.upper().split(","):
        span, slash, step = item.partition("/")
        first, dash, last = ("*", "", "") if span in _ANY else span.partition("-")
        low = least if first == "*" else _value(definition, first, least, most)
        is_open = first == "*" or slash
        high = _value(definition, last, least, most) if dash else most if is_open else low
        by = _value(definition, step, 1, most) if slash else 1
        if high < low:
            raise ScheduleError(definition, f"`{item}` must rise")
        values |= set(range(low, high + 1, by))
    return values


def _value(definition: str, text: str, least: int, most: int) -> int:
    is_day = (least, most) == (1, 7)
    value = _DAYS.index(text) + 1 if is_day and text in _DAYS else int(text) if text.isdecimal() else None
    if value is None:
        raise ScheduleError(
            definition, f"`{text}` is not supported; there are numbers, `*`, `,`, `-` and `/`"
        )
    if not least <= value <= most:
        raise ScheduleError(definition, f"`{text}` must be from {least} to {most}")
    return value
