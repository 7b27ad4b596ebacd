"""The charts of the report, as plain SVG: no network, no script."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt
import numpy as np
import vl_convert
from numpy.typing import NDArray

from app.report.figures import Step
from runtime.warehouse import Rows

Query = Callable[[str], Rows]

WIDTH = 640
INK, MUTED, ACCENT = "#5b6770", "#9aa5ae", "#c2410c"
_NEW_YORK_HOUR = "convert_timezone('UTC', 'America/New_York', time_hour)"
_CANCELLED = """
select {new_york_hour} as scheduled_hour, count(*) as flights
from fact_flight
where departed_at is null and {new_york_hour}::date between '{first}' and '{last}'
group by {new_york_hour} order by 1
"""
_SHARES = """
select flight_date, carrier, on_time_share from mart_daily_on_time
where flight_date between '{first}' and '{last}' order by 1, 2
"""
_WORST = """
select origin, window_start, departures, on_time_share, place from mart_worst_hours order by origin, place
"""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: what it shows in a sentence, and its SVG."""

    title: str
    svg: str


def cancelled_by_hour(query: Query, first: date, last: date) -> list[tuple[str, int]]:
    """Return the flights that never departed, by their scheduled hour in New York."""
    rows = query(_CANCELLED.format(new_york_hour=_NEW_YORK_HOUR, first=first, last=last)).rows
    return [(hour, count) for hour, count in rows]


def draw(
    query: Query, days: tuple[date, date], freshness: NDArray[np.float64], steps: Sequence[Step]
) -> list[Chart]:
    """Draw all charts of one demo."""
    first, last = days
    cancelled = [{"hour": hour, "flights": count} for hour, count in cancelled_by_hour(query, first, last)]
    shares = _records(query(_SHARES.format(first=first, last=last)))
    worst = _records(query(_WORST))
    for row in worst:
        row["hour"] = f"{row['place']:>2}. {row['window_start'][:16]} UTC"
    counts, edges = np.histogram(freshness, bins=40)
    fresh = [
        {"from": low / 1000, "to": high / 1000, "events": int(count)}
        for count, low, high in zip(counts, edges, edges[1:], strict=False)
    ]
    seconds = [{"step": step.name, "seconds": step.seconds} for step in steps]
    return [
        Chart("Flights that never departed, by scheduled hour in New York", _bars_over_time(cancelled)),
        Chart("Share of departures less than 15 minutes late, by airline and day", _heat(shares)),
        Chart("The worst hours of each airport: share on time", _worst(worst)),
        Chart("Seconds from a record's arrival in Kinesis to the commit of its load", _histogram(fresh)),
        Chart("Seconds by step of the demo", _steps(seconds)),
    ]


def _records(rows: Rows) -> list[dict[str, Any]]:
    return [dict(zip(rows.columns, row, strict=True)) for row in rows.rows]


def _bars_over_time(records: list[dict[str, Any]]) -> str:
    hour = alt.X("hour:T", title=None, axis=alt.Axis(format="%d %b %H:%M", labelAngle=0, tickCount=8))
    flights = alt.Y("flights:Q", title="flights")
    return _svg(alt.Chart(_data(records)).mark_bar(color=ACCENT, width=4).encode(hour, flights), 200)


def _heat(records: list[dict[str, Any]]) -> str:
    share = alt.Color(
        "on_time_share:Q",
        scale=alt.Scale(scheme="redyellowblue", domain=[0, 1]),
        legend=alt.Legend(title="on time", format=".0%"),
    )
    day = alt.X("flight_date:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True))
    carrier = alt.Y("carrier:N", title=None)
    return _svg(alt.Chart(_data(records)).mark_rect().encode(day, carrier, share), 300)


def _worst(records: list[dict[str, Any]]) -> str:
    charts = []
    for origin in sorted({row["origin"] for row in records}):
        own = [row for row in records if row["origin"] == origin]
        share = alt.X(
            "on_time_share:Q", title=None, axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1])
        )
        hour = alt.Y("hour:N", title=None, sort=None)
        bars = alt.Chart(_data(own), title=origin).mark_bar(color=INK, height=9).encode(share, hour)
        charts.append(bars.properties(width=WIDTH / 2, height=150))
    return _converted(alt.vconcat(*charts))


def _histogram(records: list[dict[str, Any]]) -> str:
    low = alt.X("from:Q", title="seconds", bin="binned")
    return _svg(
        alt.Chart(_data(records)).mark_bar(color=INK).encode(low, x2="to:Q", y=alt.Y("events:Q")), 180
    )


def _steps(records: list[dict[str, Any]]) -> str:
    seconds = alt.X("seconds:Q", title="seconds")
    step = alt.Y("step:N", title=None, sort=None)
    return _svg(alt.Chart(_data(records)).mark_bar(color=INK, height=12).encode(seconds, step), 200)


def _data(records: list[dict[str, Any]]) -> alt.Data:
    return alt.Data(values=records)  # type: ignore[no-untyped-call]  # altair's


def _svg(chart: Any, height: int) -> str:
    return _converted(chart.properties(width=WIDTH, height=height))


def _converted(chart: Any) -> str:
    styled = (
        chart.configure(background="transparent", font="system-ui, sans-serif")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK,
            titleColor=INK,
            gridColor=MUTED,
            gridOpacity=0.3,
            domainColor=MUTED,
            tickColor=MUTED,
            labelFontSize=12,
            titleFontSize=12,
            labelLimit=260,
        )
        .configure_legend(labelColor=INK, titleColor=INK)
        .configure_title(color=INK, anchor="start")
    )
    svg: str = vl_convert.vegalite_to_svg(styled.to_json(), format_locale=None)
    return svg
