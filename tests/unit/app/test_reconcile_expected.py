"""What the source says: counted over the year, and told apart at the clock's edges."""

import subprocess
import sys
from datetime import date, timedelta

import pytest

from app.reconcile.expected import KEYS, expected
from runtime.warehouse import Rows


def _column(rows: Rows, name: str) -> list[object]:
    index = rows.columns.index(name)
    return [row[index] for row in rows.rows]


@pytest.fixture(scope="module")
def year() -> dict[str, Rows]:
    """Compute every table for all of 2013."""
    return expected([date(2013, 1, 1) + timedelta(days=offset) for offset in range(365)])


def test_the_year_has_the_events_that_the_source_has(year: dict[str, Rows]) -> None:
    """336,776 flights; 8,255 of them never departed, and 458 more have no arrival; 717 have no delay."""
    flights = year["fact_flight"]
    counts = {name: sum(value is not None for value in _column(flights, name)) for name in flights.columns}
    assert (counts["scheduled_at"], counts["departed_at"], counts["arrived_at"]) == (
        336_776,
        328_521,
        328_063,
    )
    assert counts["arrived_at"] - counts["arrival_delay_minutes"] == 717
    assert len(year["fact_weather"].rows) == 26_115


def test_the_aggregates_add_up_to_the_facts(year: dict[str, Rows]) -> None:
    """Every departure is in one hour and in one day; every flight is in one day."""
    for table, column, total in (
        ("agg_airport_hour", "departures", 328_521),
        ("agg_carrier_day", "scheduled", 336_776),
        ("agg_carrier_day", "departed", 328_521),
        ("mart_daily_on_time", "cancelled", 8_255),
        ("mart_delay_quantiles", "departures", 328_521),
        ("mart_aircraft_days", "legs", 328_521),
    ):
        assert sum(map(int, map(str, _column(year[table], column)))) == total


def test_quantiles_are_delays_that_flights_had(year: dict[str, Rows]) -> None:
    """The smallest with which so many left, counted over the facts; every hour, airport and airline."""
    facts = year["fact_flight"]
    names = ("departed_at", "origin", "carrier", "departure_delay_minutes")
    delays: dict[tuple[object, ...], list[int]] = {}
    for departed_at, origin, carrier, delay in zip(*(_column(facts, name) for name in names), strict=True):
        if departed_at is not None:
            assert isinstance(delay, int)
            delays.setdefault((f"{str(departed_at)[:13]}:00:00", origin, carrier), []).append(delay)
    told = {row[:3]: row[3:] for row in year["mart_delay_quantiles"].rows}
    assert told == {
        window: (len(each), *(sorted(each)[-(-len(each) * percent // 100) - 1] for percent in (50, 90, 99)))
        for window, each in delays.items()
    }


def test_sliding_windows_hold_each_departure_fifteen_times(year: dict[str, Rows]) -> None:
    """Each is in the windows that end within the next 15 minutes; no window is empty, none longer."""
    counts = [
        int(window.split(":")[1])
        for text in _column(year["mart_departures_15min"], "departures_by_minute")
        for window in str(text).split(" ")
    ]
    assert sum(counts) == 15 * 328_521
    assert min(counts) == 1


def test_keys_name_rows(year: dict[str, Rows]) -> None:
    """No table of the year has two rows of one key."""
    for name, key in KEYS.items():
        rows = year[name]
        assert len(set(zip(*(_column(rows, column) for column in key), strict=True))) == len(rows.rows)


@pytest.mark.parametrize(
    ("flight", "departed_at", "arrived_at"),
    [
        pytest.param(
            ("B6", 35, "JFK", "2013-03-10 02:00:00"),
            "2013-03-10 04:06:00",
            "2013-03-10 07:03:00",
            id="02:03 in the hour that New York skips",
        ),
        pytest.param(
            ("B6", 2002, "JFK", "2013-11-03 02:00:00"),
            "2013-11-03 02:45:00",
            "2013-11-03 04:05:00",
            id="00:05 in Buffalo, the night that its clocks are set back",
        ),
        pytest.param(
            ("UA", 15, "EWR", "2013-02-08 18:00:00"),
            "2013-02-08 19:00:00",
            "2013-02-09 06:22:00",
            id="20:22 in Honolulu, five hours behind",
        ),
        pytest.param(
            ("B6", 709, "JFK", "2013-02-08 11:00:00"),
            "2013-02-08 11:20:00",
            "2013-02-08 15:16:00",
            id="11:16 in San Juan, which airports.csv lacks",
        ),
        pytest.param(
            ("DL", 1619, "LGA", "2013-07-22 20:00:00"),
            "2013-07-22 20:06:00",
            "2013-07-23 01:56:00",
            id="20:56 in Minneapolis, implausible, but the rule says so",
        ),
    ],
)
def test_an_arrival_is_at_the_first_time_that_a_clock_there_shows(
    year: dict[str, Rows], flight: tuple[object, ...], departed_at: str, arrived_at: str
) -> None:
    """In the destination's zone, after the departure; the expected times were worked out by hand."""
    columns = year["fact_flight"].columns
    (row,) = [row for row in year["fact_flight"].rows if row[: len(flight)] == flight]
    assert row[columns.index("departed_at")] == departed_at
    assert row[columns.index("arrived_at")] == arrived_at


def test_the_source_is_read_by_code_of_its_own() -> None:
    """What is checked and what checks it share no rule, so that no error is made twice."""
    program = (
        "import sys, app.reconcile.reconcile;"
        "print([name for name in sys.modules if name.startswith(('app.replay', 'pipelines', 'jobs', "
        "'warehouse'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
