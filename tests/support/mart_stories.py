"""What tables, dimensions and marts promise, told to any warehouse."""

from collections import Counter
from datetime import date, timedelta

import pyarrow as pa
import pytest

from pipelines.windows import WINDOWS
from tests.support.lake import NOON, WINDOW, Row, flight_event, partial
from tests.support.marts import build_marts
from tests.support.world import World
from warehouse.models.build import create_tables
from warehouse.models.errors import NothingToLoadError

DEPARTED = flight_event("departed", 20)


class MartStories:
    """Every test takes a fixture `world`, which the suite's subclass gives."""

    def test_tables_are_created_once(self, world: World) -> None:
        """What is there stays, with its rows; what was dropped is made again."""
        world.lake.rejects(1)
        world.loader().load_waiting()
        assert create_tables(world.warehouse) == []
        world.warehouse.query("drop table dim_plane")
        assert create_tables(world.warehouse) == ["dim_plane"]
        assert world.count("etl_ledger") == 1

    def test_dimensions_follow_the_reference(self, world: World) -> None:
        """A second load changes names and adds rows, and doubles nothing."""
        for names in ({"UA": "United"}, {"UA": "United Air Lines Inc.", "B6": "JetBlue Airways"}):
            write_reference(world, names)
            world.loader().load_dimensions()
        expected = [("B6", "JetBlue Airways"), ("UA", "United Air Lines Inc.")]
        assert world.rows("select carrier, name from dim_airline") == expected
        assert world.rows("select * from dim_airport") == [("EWR", "Newark", 40.6925, -74.168, None)]
        assert world.rows("select * from dim_plane") == [("N14228", None, "BOEING", "737-824", 149)]

    def test_a_date_that_the_job_wrote_again_is_replaced(self, world: World) -> None:
        """And no other date is touched."""
        first, second = date(2013, 2, 8), date(2013, 2, 9)
        world.lake.daily_on_time([_carrier_day(first, 5), _carrier_day(second, 6)])
        world.job_days().load("daily_on_time", [first, second])
        world.lake.daily_on_time([_carrier_day(second, 7)])
        world.job_days().load("daily_on_time", [second])
        assert world.rows("select flight_date, scheduled from agg_carrier_day") == [
            ("2013-02-08", 5),
            ("2013-02-09", 7),
        ]
        with pytest.raises(NothingToLoadError, match="day=2013-02-10/`; write it to the lake"):
            world.job_days().load("daily_on_time", [first, date(2013, 2, 10)])
        assert world.count("agg_carrier_day") == 2

    def test_daily_on_time_counts_by_new_york_dates(self, world: World) -> None:
        """A flight at 4:59 UTC leaves on the evening before; a date without departures has no share."""
        late = {"scheduled_departure": NOON.replace(hour=4, minute=59)}
        world.lake.flights(
            [
                flight_event("scheduled", -900, 1),
                flight_event("departed", 14, 1),
                flight_event("scheduled", -900, 2),
                flight_event("departed", 15, 2),
                flight_event("departed", -5, 3, carrier="B6"),
                flight_event("scheduled", -900, 4, **late),
            ]
        )
        write_reference(world, {"UA": "United"})
        world.loader().load_waiting()
        world.loader().load_dimensions()
        for _ in range(2):
            assert build_marts(world.warehouse) == [
                "fct_carrier_day",
                "mart_aircraft_days",
                "mart_departures_15min",
                "mart_busiest_quarters",
                "mart_daily_on_time",
                "mart_delay_propagation",
                "mart_delay_quantiles",
                "mart_weather_impact",
                "mart_worst_hours",
            ]
            assert world.rows("select * from mart_daily_on_time") == [
                ("2013-02-07", "UA", "United", 1, 0, 1, 0, None, None),
                ("2013-02-08", "B6", None, 1, 1, 0, 1, 1.0, -5.0),
                ("2013-02-08", "UA", "United", 2, 2, 0, 1, 0.5, 14.5),
            ]

    def test_the_worst_hours_are_placed(self, world: World) -> None:
        """By share, then departures, then hour; from ten departures on, over all batches and carriers."""
        later = {"window_start": WINDOW + timedelta(hours=1)}
        latest = {"window_start": WINDOW + timedelta(hours=2)}
        world.lake.flights([DEPARTED], [partial(6, 3, 60), partial(4, 2, 40, carrier="B6")])
        world.lake.flights([DEPARTED], [partial(10, 5, 100), partial(20, 10, 0, **later)])
        world.lake.flights([DEPARTED], [partial(9, 0, 900, origin="JFK"), partial(20, 10, -20, **latest)])
        world.loader().load_waiting()
        build_marts(world.warehouse)
        assert world.rows("select * from mart_worst_hours") == [
            ("EWR", "2013-02-08 13:00:00", 20, 10, 0.5, 10.0, 1),
            ("EWR", "2013-02-08 14:00:00", 20, 10, 0.5, 0.0, 2),
            ("EWR", "2013-02-08 15:00:00", 20, 10, 0.5, -1.0, 3),
        ]

    def test_delays_have_quantiles_over_all_batches(self, world: World) -> None:
        """Each within 1 %, an airline apart; an hour is final when the watermark has passed it."""
        delays = [*range(-5, 95), 600]
        events = [flight_event("departed", delay, number) for number, delay in enumerate(delays)]
        events += [flight_event("departed", delay, 7, carrier="B6") for delay in (-1, 0, 1)]
        hour = [each | {"event_time": WINDOW} for each in events]
        world.lake.flights(hour[::2], windows=WINDOWS, watermark=WINDOW)
        world.lake.flights(hour[1::2], windows=WINDOWS, watermark=WINDOW)
        world.loader().load_waiting()
        build_marts(world.warehouse)
        start = f"{WINDOW:%Y-%m-%d %H:%M:%S}"
        small, large = world.rows("select * from mart_delay_quantiles")
        assert small == (start, "EWR", "B6", 3, 0.0, *[pytest.approx(1, rel=0.01)] * 2, False)
        quantiles = [pytest.approx(delay, rel=0.01) for delay in (45, 85, 94)]
        assert large == (start, "EWR", "UA", 101, *quantiles, False)
        world.lake.flights([flight_event("arrived", 0, 900)], watermark=WINDOW + timedelta(hours=1))
        world.loader().load_waiting()
        build_marts(world.warehouse)
        assert world.rows("select distinct is_final from mart_delay_quantiles") == [(True,)]

    def test_a_late_departure_revises_a_final_window(self, world: World) -> None:
        """It counts, and the window stays final; before any watermark none is."""
        event = flight_event("departed", 0) | {"event_time": WINDOW}
        told = []
        for flight, watermark in ((1, None), (2, WINDOW + timedelta(hours=1)), (3, WINDOW)):
            late = event | {"flight": flight}
            world.lake.flights([late], watermark=watermark, windows=WINDOWS)
            world.loader().load_waiting()
            build_marts(world.warehouse)
            told.append(world.rows("select departures, is_final from mart_delay_quantiles"))
            assert world.rows("select distinct departures, is_final from mart_departures_15min") == told[-1]
        assert told == [[(1, False)], [(2, True)], [(3, True)]]

    def test_quarters_slide_by_minutes(self, world: World) -> None:
        """Departures 14 minutes apart are in one window, 15 minutes apart in none; airports are apart."""
        minutes = [0, 0, 5, 14, 15, 29, 44]
        events = [
            flight_event("departed", 0, number)
            | {"event_time": WINDOW + timedelta(minutes=minute, seconds=59)}
            for number, minute in enumerate(minutes)
        ]
        for event in events:  # in batches of their own, which add up
            world.lake.flights([event], windows=WINDOWS, watermark=WINDOW + timedelta(minutes=30))
        world.lake.flights([events[0] | {"origin": "JFK"}], windows=WINDOWS, watermark=None)
        world.loader().load_waiting()
        build_marts(world.warehouse)
        rows = world.rows(
            "select window_end, departures, is_final from mart_departures_15min where origin = 'EWR'"
        )
        assert rows == [
            (f"{WINDOW + timedelta(minutes=end):%Y-%m-%d %H:%M:%S}", departures, end <= 30)
            for end in range(1, 60)
            if (departures := sum(end - 15 <= minute < end for minute in minutes))
        ]
        assert len(rows) == 59
        at_jfk = world.rows("select distinct departures from mart_departures_15min where origin = 'JFK'")
        assert at_jfk == [(1,)]
        rows = world.rows(
            "select place, window_end, departures from mart_busiest_quarters where origin = 'EWR'"
        )
        ends = {end: departures for _, end, departures in sorted(rows)}
        assert len(rows) == 10
        assert list(ends.values()) == sorted(ends.values(), reverse=True)
        at = [f"{WINDOW + timedelta(minutes=minute):%Y-%m-%d %H:%M:%S}" for minute in (15, 14, 6, 5)]
        assert [ends.get(each) for each in at] == [4, 3, 3, None]  # the earliest come first

    def test_an_aircraft_s_days_grow_together(self, world: World) -> None:
        """A late leg joins two; what was told stays in the table, a day is final 10 hours past its end."""
        end = NOON + timedelta(hours=25)
        loads = ((0, None), (15 * 60, end - timedelta(seconds=1)), (7 * 60, end), (5, NOON))
        told = []
        for minute, watermark in loads:
            leg = flight_event("departed", minute, minute + 1, delay_minutes=9)
            world.lake.flights([leg], watermark=watermark, windows=WINDOWS)
            world.loader().load_waiting()
            build_marts(world.warehouse)
            told.append(world.rows("select session_start, legs, is_final from mart_aircraft_days"))
        first, second = "2013-02-08 12:00:00", "2013-02-09 03:00:00"
        assert told == [
            [(first, 1, False)],
            [(first, 1, True), (second, 1, False)],
            [(first, 3, True)],
            [(first, 4, True)],
        ]
        columns = "session_end, route, delay_minutes, worst_delay_minutes, carried_minutes"
        (row,) = world.rows(f"select {columns} from mart_aircraft_days")  # noqa: S608  # ours
        assert row == (second, " ".join(["EWR-IAH"] * 4), 36, 9, 27)
        revisions = [(1, 1, first), (1, 1, second), (1, -1, first), (1, -1, second), (3, 1, first)]
        revisions += [(3, -1, first), (4, 1, first)]
        found = world.rows("select legs, change, session_start from agg_aircraft_session")
        assert Counter(found) == Counter(revisions)

    def test_ten_hours_an_airport_are_kept(self, world: World) -> None:
        """The eleventh is left out."""
        hours = [{"window_start": WINDOW + timedelta(hours=number)} for number in range(11)]
        world.lake.flights([DEPARTED], [partial(20, number, 0, **hour) for number, hour in enumerate(hours)])
        world.loader().load_waiting()
        build_marts(world.warehouse)
        places = world.rows("select place, on_time from mart_worst_hours")
        assert sorted(places) == [(number + 1, number) for number in range(10)]


def _carrier_day(day: date, scheduled: int) -> Row:
    counts = {"scheduled": scheduled, "departed": 4, "cancelled": 1, "on_time": 3, "delay_minutes": -2}
    return {"flight_date": day, "carrier": "UA", "origin": "EWR"} | counts


def write_reference(world: World, airlines: dict[str, str]) -> None:
    """Write airlines by their names, one airport without a zone, and one plane without a year."""
    reference = {
        "airlines": {"carrier": [*airlines], "name": [*airlines.values()]},
        "airports": {
            "airport": ["EWR"],
            "name": ["Newark"],
            "latitude": [40.6925],
            "longitude": [-74.168],
            "time_zone": pa.array([None], pa.string()),
        },
        "planes": {
            "tail_number": ["N14228"],
            "year": pa.array([None], pa.int32()),
            "manufacturer": ["BOEING"],
            "model": ["737-824"],
            "seats": pa.array([149], pa.int32()),
        },
    }
    for table, columns in reference.items():
        world.lake.reference(table, pa.table(columns))
