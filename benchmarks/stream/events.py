"""Events for the stages: the year of flights, repeated under shifted years where more are asked for."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import orjson

from app.replay.faults import Outgoing
from app.replay.replay import outgoing
from contracts.streams import FLIGHT_EVENTS_STREAM

YEAR_EVENTS = 993_360
"""Of all flights of 2013; more are repeated ones."""

SHIFTS = (0, 1, 2, 4, 5, 6, 8, 9, 10, 12)
"""Years from the original to each repetition: leap years have a day more, and later ones lie ahead."""

_FIRST, _LAST = date(2013, 1, 1), date(2013, 12, 31)
_DAYS_OF_10_000 = 11
_YEAR = re.compile(rb'(?<=")(201[234])(?=-\d\d-)|(?<=-)(201[234])(?=\d{4}T\d\d-)')


def write_events(path: Path, count: int) -> None:
    """Write so many flight events as lines, each with an identity of its own, in the order of their times."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.writelines(each + b"\n" for each in _events(count))


def as_outgoing(data: Sequence[bytes]) -> list[Outgoing]:
    """Return events as a replay sends them."""
    return [_outgoing(each) for each in data]


def _outgoing(data: bytes) -> Outgoing:
    event = orjson.loads(data)
    key = event["tail_number"] or f"{event['carrier']}{event['flight']}"
    due = datetime.fromisoformat(event["event_time"])
    return Outgoing(FLIGHT_EVENTS_STREAM, event["event_id"], key, data, due)


def _events(count: int) -> Iterator[bytes]:
    days = min(count // 10_000 * _DAYS_OF_10_000 * 11 // 10 + _DAYS_OF_10_000, 365)
    sent = outgoing(_FIRST, min(_FIRST + timedelta(days=days), _LAST))
    year = [each.data for each in sent if each.stream == FLIGHT_EVENTS_STREAM]
    for shift in SHIFTS:
        yield from (_shifted(each, shift) for each in year[:count])
        count -= min(len(year), count)


def _shifted(data: bytes, years: int) -> bytes:
    if not years:
        return data
    return _YEAR.sub(lambda match: str(int(match.group()) + years).encode(), data)
