"""When each event of a flight happens: the rules that turn one row of the source into up to three events."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from app.replay.source import NEW_YORK, Flight
from contracts.events import FlightEvent, FlightKey, Kind

SCHEDULE_PUBLISHED = time(18)
"""Our one convention: a day's schedule is published at this New York time on the day before."""


def events_of(flight: Flight, zones: dict[str, ZoneInfo]) -> list[FlightEvent]:
    """Return the events of a flight that the source knows of, in their order; nothing is invented.

    Raises:
        KeyError: The destination of an arrival has no time zone in `zones`.
    """
    departure = flight.time_hour + timedelta(minutes=flight.minute)
    key = FlightKey(flight.carrier, flight.flight, flight.origin, flight.time_hour)

    def event(kind: Kind, at: datetime, delay_minutes: int | None) -> FlightEvent:
        return FlightEvent(key, kind, at, flight.dest, flight.tailnum, departure, delay_minutes)

    events = [event("scheduled", published_at(flight.scheduled_date), None)]
    if flight.dep_delay is None:
        return events
    departed = departure + timedelta(minutes=flight.dep_delay)
    events.append(event("departed", departed, flight.dep_delay))
    if flight.arr_time is not None:
        arrived = first_after(departed, flight.arr_time, zones[flight.dest])
        events.append(event("arrived", arrived, flight.arr_delay))
    return events


@cache
def published_at(scheduled_date: date) -> datetime:
    """Return when the schedule of a New York date is published, in UTC."""
    eve = scheduled_date - timedelta(days=1)
    return datetime.combine(eve, SCHEDULE_PUBLISHED, NEW_YORK).astimezone(UTC)


def first_after(moment: datetime, hhmm: int, zone: ZoneInfo) -> datetime:
    """Return the first moment, in UTC, after `moment` at which a clock in `zone` shows `hhmm`.

    A clock that is set back shows some times twice: both are looked at. One that is set forward skips some:
    then the time is read as if the clock were not set yet, as the source does (its arrival delays say so).

    >>> first_after(datetime(2013, 2, 8, 22, tzinfo=UTC), 2400, ZoneInfo("America/New_York"))
    datetime.datetime(2013, 2, 9, 5, 0, tzinfo=datetime.timezone.utc)
    """
    clock = time(hhmm // 100 % 24, hhmm % 100)
    today = moment.astimezone(zone).date()
    candidates = []
    for days in (0, 1):
        shown = datetime.combine(today + timedelta(days=days), clock, zone)
        first, second = (shown.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        candidates += [first, max(first, second)]
    return min(at for at in candidates if at > moment)
