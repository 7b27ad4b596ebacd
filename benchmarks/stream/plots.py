"""What a run found, drawn: rate and memory by size."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from app.report.drawings import INK, data, fitted
from benchmarks.stream.bench import BYTEWAX, ELEMENT, INSERT, LIMIT, PARSE, SPARK, STAGE, whole_way
from benchmarks.stream.measure import Figures

GREY = "#7d8590"
"""Ink that is read on light and on dark: a page shows a drawing without its own colours."""

_DRAWN = (PARSE, LIMIT, STAGE, ELEMENT, BYTEWAX, SPARK, whole_way("plain"), whole_way("zstd"), INSERT)
_MEBI = 2**20


@dataclass(frozen=True, slots=True)
class Plot:
    """One drawing.

    Attributes:
        name: Of its file.
        title: What it shows.
        svg: The drawing.
    """

    name: str
    title: str
    svg: str


def plots(figures: Sequence[Figures]) -> list[Plot]:
    """Draw events a second and peak memory by size."""
    ways = [each for each in figures if each.stage in {whole_way("plain"), whole_way("zstd")}]
    rates = [each for each in figures if each.stage in _DRAWN]
    drawings = (
        ("stream-rate.svg", "events a second", rates, lambda each: each.rate, "log"),
        ("stream-memory.svg", "peak memory, MiB", ways, lambda each: each.peak_bytes / _MEBI, "linear"),
    )
    return [
        Plot(name, f"{title}, by events", _lines(title, found, value, scale))
        for name, title, found, value, scale in drawings
        if found
    ]


def _lines(title: str, figures: Sequence[Figures], value: Callable[[Figures], float], scale: Any) -> str:
    rows = [{"events": each.events, "stage": each.stage, "value": value(each)} for each in figures]
    events = alt.X("events:Q", scale=alt.Scale(type="log"), axis=alt.Axis(format="~s", grid=False))
    stages = list(dict.fromkeys(each.stage for each in figures))
    legend = alt.Legend(title=None, labelLimit=0)
    chart = (
        alt.Chart(data(rows))
        .mark_line(point=True)
        .encode(
            events,
            alt.Y("value:Q", title=title, scale=alt.Scale(type=scale), axis=alt.Axis(format="~s")),
            alt.Color("stage:N", sort=stages, legend=legend),
        )
    )
    return fitted(chart, height=320).replace(INK, GREY)
