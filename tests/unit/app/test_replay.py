"""The source and the timeline: the whole year counted, and the clock rules at their edges."""

import io
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pyarrow import parquet

from app.replay.reference import publish_reference
from app.replay.source import MISSING_ZONES, read_flights, read_weather, read_zones
from app.replay.timeline import events_of, first_after
from contracts.lake import reference_key
from runtime.objects import MemoryObjects

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.timeout(300)
def test_the_year_yields_the_events_that_the_source_has() -> None:
    """336,776 flights, of which 8,255 never departed and 458 departed and have no arrival time.

    By the rule of the first local arrival time two flights stay out over 200 minutes beyond their air time.
    """
    zones = read_zones()
    kinds: Counter[str] = Counter()
    ids: set[str] = set()
    implausible = []
    in_puerto_rico = arrived_without_delay = 0
    for flight in read_flights(date(2013, 1, 1), date(2013, 12, 31)):
        events = events_of(flight, zones)
        kinds.update(event.kind for event in events)
        in_puerto_rico += flight.dest in MISSING_ZONES
        arrived_without_delay += flight.arr_time is not None and flight.arr_delay is None
        ids.update(event.event_id for event in events)
        if len(events) == 3 and flight.air_time is not None:
            on_the_way = events[2].event_time - events[1].event_time
            if on_the_way > timedelta(minutes=flight.air_time + 200):
                implausible.append(str(events[0].key))
    assert kinds == {"scheduled": 336_776, "departed": 328_521, "arrived": 328_063}
    assert len(ids) == kinds.total()
    assert (in_puerto_rico, arrived_without_delay) == (7_602, 717)
    assert sorted(implausible) == ["DL-1619-LGA-20130722T20", "VX-399-JFK-20131101T11"]


def test_the_storm_is_3375_flights_of_which_895_never_departed() -> None:
    """7 to 10 February 2013, both days included."""
    flights = list(read_flights(date(2013, 2, 7), date(2013, 2, 10)))
    assert len(flights) == 3375
    assert sum(flight.dep_delay is None for flight in flights) == 895


def test_a_day_is_read_alone_and_with_its_neighbours() -> None:
    """The file goes from January to October: days are found where they are, the first and the last too."""
    for first, last in ((date(2013, 1, 31), date(2013, 2, 1)), (date(2013, 12, 31), date(2013, 12, 31))):
        days = {flight.scheduled_date for flight in read_flights(first, last)}
        assert days == {first, last}


def test_the_year_has_26115_hours_of_weather() -> None:
    """No airport has an hour twice, not even where the clocks are set back; all are in the order of time."""
    weather = list(read_weather(date(2013, 1, 1), date(2013, 12, 31)))
    keys = [(each.observed_at, each.origin) for each in weather]
    assert len(set(keys)) == 26_115
    assert keys == sorted(keys)


def test_weather_is_read_by_new_york_dates() -> None:
    """The storm's four days are 288 hours at three airports, from 05:00 to 04:00 UTC."""
    weather = list(read_weather(date(2013, 2, 7), date(2013, 2, 10)))
    assert Counter(each.origin for each in weather) == {"EWR": 96, "JFK": 96, "LGA": 96}
    assert weather[0].observed_at == datetime(2013, 2, 7, 5, tzinfo=UTC)
    assert weather[-1].observed_at == datetime(2013, 2, 11, 4, tzinfo=UTC)


def test_the_dimensions_are_published_as_the_source_has_them() -> None:
    """Airports that the source lacks are not made up; the same bytes every time."""
    objects, again = MemoryObjects("reference"), MemoryObjects("reference again")
    publish_reference(objects)
    publish_reference(again)
    tables = {key: parquet.read_table(io.BytesIO(objects.get(key))) for key in objects.keys("")}
    assert {key: table.num_rows for key, table in tables.items()} == {
        reference_key("airlines"): 16,
        reference_key("airports"): 1_458,
        reference_key("planes"): 3_322,
    }
    assert tables[reference_key("planes")].column_names == [
        "tail_number",
        "year",
        "manufacturer",
        "model",
        "seats",
    ]
    assert all(objects.get(key) == again.get(key) for key in tables)


def test_pandas_is_not_imported_to_read_the_source() -> None:
    """It would take longer than all the rest of it."""
    code = (
        "import sys; from datetime import date; from app.replay.replay import outgoing; "
        "print(len(outgoing(date(2013, 2, 8), date(2013, 2, 8))), 'pandas' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, has_pandas = ended.stdout.split()
    assert (int(count) > 1000, has_pandas) == (True, "False")


def test_dates_in_the_wrong_order_are_refused() -> None:
    """Nothing would be read, in silence."""
    with pytest.raises(ValueError, match="`last` must not be before `first`; got"):
        list(read_flights(date(2013, 2, 10), date(2013, 2, 7)))


@pytest.mark.parametrize(
    ("moment", "hhmm", "expected"),
    [
        pytest.param(datetime(2013, 2, 8, 15), 1130, datetime(2013, 2, 8, 16, 30), id="the same day"),
        pytest.param(datetime(2013, 2, 9, 4), 15, datetime(2013, 2, 9, 5, 15), id="past midnight"),
        pytest.param(
            datetime(2013, 2, 8, 15), 1000, datetime(2013, 2, 9, 15), id="never at the moment itself"
        ),
        pytest.param(
            datetime(2013, 11, 3, 5, 45), 130, datetime(2013, 11, 3, 6, 30), id="the hour shown twice"
        ),
        pytest.param(
            datetime(2013, 3, 10, 4, 6), 203, datetime(2013, 3, 10, 7, 3), id="the hour never shown"
        ),
    ],
)
def test_the_first_time_a_clock_shows_it(moment: datetime, hhmm: int, expected: datetime) -> None:
    """All in UTC, with a clock in New York."""
    assert first_after(moment.replace(tzinfo=UTC), hhmm, NEW_YORK) == expected.replace(tzinfo=UTC)
