"""Records drawn as plain SVG: no network, no script, and ink that follows the page's colour scheme."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import altair as alt
import vl_convert

type Records = Sequence[dict[str, Any]]

WIDTH = 890
LABELS = 200
"""Pixels left of an axis with names: browsers' fonts may be wider than the one that measures them here."""

INK = "currentColor"
BAR, STORM, FAINT = "#4b8fc9", "#dd6b20", 0.18
DARK_TEXT, LIGHT_TEXT = "#1f2933", "#ffffff"
MOST_DAYS_WITH_TEXT = 12
DAYS_WITH_NOON = 6
BAND = 21
"""Pixels of one named row."""


def bars_over_time(records: Records, first: date, last: date) -> str:
    """Draw counts by hour, for all hours from `first` to `last`, both included.

    Args:
        records: `hour`, a local time as text, and `flights`.
        first: First date.
        last: Last date.
    """
    hour_millis = 3_600_000
    rows = [
        {"from": _millis(each["hour"]), "to": _millis(each["hour"]) + hour_millis, "flights": each["flights"]}
        for each in records
    ]
    start, days = _millis(str(first)), (last - first).days + 1
    step = 12 if days <= DAYS_WITH_NOON else 24 * -(-days // MOST_DAYS_WITH_TEXT)
    hours = alt.X(
        "from:T",
        title=None,
        scale=alt.Scale(type="utc", domain=[start, start + days * 24 * hour_millis]),
        axis=alt.Axis(
            values=[start + hour * hour_millis for hour in range(0, days * 24 + 1, step)],
            labelExpr="utchours(datum.value) ? utcFormat(datum.value, '%H:%M') "
            ": utcFormat(datum.value, '%e %b')",
            grid=False,
            labelOverlap=True,
        ),
    )
    counts = alt.Y("flights:Q", title="flights", axis=alt.Axis(tickMinStep=1), scale=alt.Scale(zero=True))
    bars = alt.Chart(data(rows)).mark_rect(color=STORM)
    return fitted(bars.encode(hours, counts, x2="to:T", y2=alt.datum(0)), height=220)


def heat(records: Records) -> str:
    """Draw a share by day and airline; a day on which an airline's flights all stayed has an empty cell.

    Args:
        records: `day` and `airline` as text, and `share` from 0 to 1 or None, sorted by day.
    """
    days = list(dict.fromkeys(each["day"] for each in records))
    flown = [each for each in records if each["share"] is not None]
    day = alt.X(
        "day:O",
        title=None,
        sort=days,
        axis=alt.Axis(labelAngle=0, labelOverlap="greedy", labelSeparation=12),
    )
    airline = alt.Y("airline:N", title=None, axis=_names())
    share = alt.Color(
        "share:Q",
        scale=alt.Scale(scheme="redyellowblue", domain=[0, 1]),
        legend=alt.Legend(title="on time", format=".0%", gradientLength=160),
    )
    frame = alt.Chart(data(records)).mark_rect(fillOpacity=0, stroke=INK, strokeOpacity=FAINT)
    layers = [
        frame.encode(day, airline),
        alt.Chart(data(flown)).mark_rect().encode(day, airline, share),
    ]
    if len(days) <= MOST_DAYS_WITH_TEXT:
        is_dark = "datum.share > 0.86 || datum.share < 0.15"
        layers.append(
            alt.Chart(data(flown))
            .mark_text(fontSize=11)
            .encode(
                day,
                airline,
                text=alt.Text("share:Q", format=".0%"),
                color=alt.condition(is_dark, alt.value(LIGHT_TEXT), alt.value(DARK_TEXT)),
            )
        )
    return fitted(alt.layer(*layers), height=alt.Step(BAND))


def worst_hours(records: Records) -> str:
    """Draw each airport's worst hours beside those of the others.

    Args:
        records: `origin`, `hour` and `label` as text, and `share` from 0 to 1, sorted by origin and place.
    """
    charts = []
    for origin in dict.fromkeys(each["origin"] for each in records):
        own = [each for each in records if each["origin"] == origin]
        hours = [each["hour"] for each in own]
        base = alt.Chart(data(own), title=origin).encode(
            alt.X(
                "share:Q",
                title=None,
                scale=alt.Scale(domain=[0, 1.4]),
                axis=alt.Axis(format=".0%", values=[0, 0.5, 1], grid=False),
            ),
            alt.Y("hour:N", title=None, sort=hours, axis=_names(95)),
        )
        bars = base.mark_bar(color=STORM, height=11)
        labels = base.mark_text(align="left", dx=4, color=INK, fontSize=11).encode(text="label:N")
        charts.append(alt.layer(bars, labels).properties(width=180, height=alt.Step(BAND)))
    return _converted(alt.hconcat(*charts, spacing=14))


def histogram(records: Records, marks: Records) -> str:
    """Draw how often each span of seconds came, and marks across it.

    Args:
        records: `from` and `to` in seconds, and `events`.
        marks: `name`, `seconds` and `label`.
    """
    seconds = alt.X("from:Q", title="seconds", bin="binned", axis=alt.Axis(grid=False, tickCount=10))
    bars = alt.Chart(data(records)).mark_bar(color=BAR).encode(seconds, x2="to:Q", y=_events())
    layers: list[Any] = [bars]
    for row, mark in enumerate(marks):
        at = alt.Chart(data([mark])).encode(x="seconds:Q")
        layers.append(at.mark_rule(color=STORM, strokeWidth=2, strokeDash=[5, 3]))
        layers.append(
            at.mark_text(align="right", dx=-6, color=INK, fontWeight="bold", fontSize=12).encode(
                text="label:N", y=alt.value(-22 + 16 * row)
            )
        )
    return fitted(alt.layer(*layers), height=200)


def named_bars(records: Records) -> str:
    """Draw one bar a name, in the order in which they come.

    Args:
        records: `name`, `seconds` and `label`.
    """
    names = [each["name"] for each in records]
    base = alt.Chart(data(records)).encode(
        alt.X("seconds:Q", title=None, axis=None),
        alt.Y("name:N", title=None, sort=names, axis=_names()),
    )
    labels = base.mark_text(align="left", dx=5, color=INK, fontSize=12).encode(text="label:N")
    return fitted(alt.layer(base.mark_bar(color=BAR, height=13), labels), height=alt.Step(BAND + 3), right=60)


def fitted(chart: Any, height: Any, right: int = 8) -> str:
    """Return a chart as SVG, as wide as the page."""
    return _converted(
        chart.properties(
            width=WIDTH,
            height=height,
            padding={"left": 4, "top": 6, "right": right, "bottom": 4},
            autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        )
    )


def data(records: Records) -> alt.Data:
    """Return records as altair takes them."""
    return alt.Data(values=list(records))  # type: ignore[no-untyped-call]  # altair's


def _events() -> alt.Y:
    return alt.Y("events:Q", title="records", axis=alt.Axis(tickMinStep=1))


def _names(extent: int = LABELS) -> alt.Axis:
    return alt.Axis(
        minExtent=extent, labelLimit=extent, labelPadding=8, ticks=False, domain=False, grid=False
    )


def _millis(local: str) -> int:
    """Return a local time as if it were UTC, so that no zone of this machine shifts it."""
    return round(datetime.fromisoformat(local).replace(tzinfo=UTC).timestamp() * 1000)


def _converted(chart: Any) -> str:
    styled = (
        chart.configure(background="transparent", font="system-ui, sans-serif", aria=False)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK,
            titleColor=INK,
            titleFontWeight="normal",
            gridColor=INK,
            gridOpacity=FAINT,
            domainColor=INK,
            domainOpacity=0.4,
            tickColor=INK,
            tickOpacity=0.4,
            labelFontSize=12,
            titleFontSize=12,
        )
        .configure_legend(labelColor=INK, titleColor=INK, titleFontWeight="normal")
        .configure_title(color=INK, anchor="start", fontSize=13, offset=4)
    )
    svg: str = vl_convert.vegalite_to_svg(styled.to_json())
    return svg
