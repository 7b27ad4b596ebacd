"""Events for the stages: the year of flights, repeated under shifted years where more are asked for."""

import re
from datetime import date, timedelta
from functools import cache

from app.replay.faults import Outgoing
from app.replay.replay import outgoing
from contracts.streams import FLIGHT_EVENTS_STREAM

YEARS_APART = 4
"""Between two repetitions: a year that is no leap year again; 2013 to 2097 is as far as the contract goes."""

_FIRST, _LAST = date(2013, 1, 1), date(2013, 12, 31)
_DAYS_OF_10_000 = 11
_YEAR = re.compile(rb'(?<=")(201[234])(?=-\d\d-)|(?<=-)(201[234])(?=\d{4}T\d\d-)')


@cache
def flight_events(count: int) -> tuple[Outgoing, ...]:
    """Return so many flight events, each with an identity of its own, in the order of their times."""
    days = min(count // 10_000 * _DAYS_OF_10_000 * 11 // 10 + _DAYS_OF_10_000, 365)
    year = [
        each
        for each in outgoing(_FIRST, min(_FIRST + timedelta(days=days), _LAST))
        if each.stream == FLIGHT_EVENTS_STREAM
    ]
    found = year[:count]
    for shift in range(YEARS_APART, 88, YEARS_APART):
        if len(found) >= count:
            break
        found += [_shifted(each, shift) for each in year[: count - len(found)]]
    assert len(found) == count, "a century of flights is not enough"
    return tuple(found)


def _shifted(event: Outgoing, years: int) -> Outgoing:
    data = _YEAR.sub(lambda match: str(int(match.group()) + years).encode(), event.data)
    return Outgoing(
        event.stream,
        f"{event.event_id}+{years}",
        event.partition_key,
        data,
        event.due + timedelta(366 * years),
    )
