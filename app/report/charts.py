"""The charts of the report: what the warehouse says, and what the demo measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.report import drawings
from app.report.figures import Step
from runtime.warehouse import Rows

type Query = Callable[[str], Rows]

BINS = 40
_NEW_YORK_HOUR = "convert_timezone('UTC', 'America/New_York', time_hour)"
_CANCELLED = """
select {new_york_hour} as scheduled_hour, count(*) as flights
from fact_flight
where departed_at is null and {new_york_hour}::date between '{first}' and '{last}'
group by {new_york_hour} order by 1
"""
_SHARES = """
select flight_date as day, carrier, airline, on_time_share as share from mart_daily_on_time
where flight_date between '{first}' and '{last}' order by 1, 2
"""
_WORST = """
select origin, convert_timezone('UTC', 'America/New_York', window_start) as hour, departures, on_time,
    on_time_share as share
from mart_worst_hours order by origin, place
"""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart.

    Attributes:
        title: What it shows, in a sentence.
        note: How to read it.
        svg: The drawing; empty where there was nothing to draw.
    """

    title: str
    note: str
    svg: str


def cancelled_by_hour(query: Query, first: date, last: date) -> list[tuple[str, int]]:
    """Return the flights that never departed, by their scheduled hour in New York."""
    rows = query(_CANCELLED.format(new_york_hour=_NEW_YORK_HOUR, first=first, last=last)).rows
    return [(hour, count) for hour, count in rows]


def draw(
    query: Query, days: tuple[date, date], freshness: NDArray[np.float64], steps: Sequence[Step]
) -> list[Chart]:
    """Draw all charts of one demo.

    Args:
        query: Runs SQL in the warehouse.
        days: First and last New York date, both included.
        freshness: Milliseconds of every record, of `freshness_millis`.
        steps: What the demo did, in its order.
    """
    return [
        _cancelled(query, *days),
        _shares(query, *days),
        _worst(query),
        _freshness(freshness),
        _steps(steps),
    ]


def _cancelled(query: Query, first: date, last: date) -> Chart:
    records = [{"hour": hour, "flights": count} for hour, count in cancelled_by_hour(query, first, last)]
    return Chart(
        "Flights that never departed, by scheduled hour",
        "New York time.",
        drawings.bars_over_time(records, first, last) if records else "",
    )


def _shares(query: Query, first: date, last: date) -> Chart:
    records = _records(query(_SHARES.format(first=first, last=last)))
    for record in records:
        record["day"] = _day(date.fromisoformat(record["day"]))
        record["airline"] = f"{record['airline'] or 'unknown'} {record['carrier']}"
    return Chart(
        "Departures less than 15 minutes late, by airline and day",
        "Share of the flights that departed. In an empty frame none did; without a frame none was scheduled.",
        drawings.heat(records) if records else "",
    )


def _worst(query: Query) -> Chart:
    records = _records(query(_WORST))
    for record in records:
        hour = datetime.fromisoformat(record["hour"])
        record["hour"] = f"{_day(hour)} {hour:%H:%M}"
        record["label"] = f"{record['on_time']} of {record['departures']}"
    return Chart(
        "The worst hours of each airport",
        "Share of departures less than 15 minutes late, and how many of how many; New York time; hours with "
        "ten departures or more.",
        drawings.worst_hours(records) if records else "",
    )


def _freshness(millis: NDArray[np.float64]) -> Chart:
    title, note = "Freshness", "Seconds from a record's arrival in Kinesis to the commit of its load."
    if not len(millis):
        return Chart(title, note, "")
    seconds = millis / 1000
    counts, edges = np.histogram(seconds, bins=BINS)
    records = [
        {"from": float(low), "to": float(high), "events": int(count)}
        for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True)
    ]
    marks = [
        {"seconds": float(np.percentile(seconds, percent)), "name": f"p{percent}"} for percent in (50, 99)
    ]
    labelled = [mark | {"label": f"{mark['name']} {mark['seconds']:.2f} s"} for mark in marks]
    return Chart(title, note, drawings.histogram(records, labelled))


def _steps(steps: Sequence[Step]) -> Chart:
    records = [
        {"name": step.name, "seconds": step.seconds, "label": f"{step.seconds:.1f} s"} for step in steps
    ]
    return Chart("Time by step", "Seconds.", drawings.named_bars(records) if records else "")


def _records(rows: Rows) -> list[dict[str, Any]]:
    return [dict(zip(rows.columns, row, strict=True)) for row in rows.rows]


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
