"""The page: one file that loads nothing, escapes text, and shows what is there."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from app.reconcile.comparison import Difference, TableCheck
from app.report.charts import Chart, cancelled_by_hour, draw
from app.report.figures import Step
from app.report.page import write_page
from runtime.warehouse import Rows
from tests.unit.app.test_report import FIGURES

DAYS = (date(2013, 2, 7), date(2013, 2, 10))
EVIL = "<script>alert('x')</script> & Sons"
FRESHNESS = np.linspace(500, 1_500, 101)
CHECKS = (
    TableCheck("fact_flight", 3_375, 3_375, 40_500, ()),
    TableCheck("fact_weather", 288, 288, 3_168, ()),
)
VOID = {"meta", "link", "img", "br", "hr", "input"}

type Query = Callable[[str], Rows]


def warehouse(sql: str) -> Rows:
    """Answer as a warehouse of a small storm."""
    if "fact_flight" in sql:
        return Rows(("scheduled_hour", "flights"), (("2013-02-08 14:00:00", 68), ("2013-02-09 06:00:00", 5)))
    if "mart_daily_on_time" in sql:
        rows = (
            ("2013-02-07", "UA", EVIL, 0.9),
            ("2013-02-07", "F9", None, 0.0),
            ("2013-02-08", "UA", EVIL, None),
        )
        return Rows(("day", "carrier", "airline", "share"), rows)
    hours = (("EWR", "2013-02-08 13:00:00", 12, 0, 0.0), ("JFK", "2013-02-08 20:00:00", 20, 5, 0.25))
    return Rows(("origin", "hour", "departures", "on_time", "share"), hours)


def empty(sql: str) -> Rows:
    """Answer as an empty warehouse."""
    return Rows(warehouse(sql).columns, ())


class Page(HTMLParser):
    """A page, read strictly: every element closed in its turn."""

    def __init__(self, text: str) -> None:
        """Read it."""
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that closes itself."""
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += data


@pytest.fixture(scope="module")
def charts() -> list[Chart]:
    """Draw the storm once."""
    return draw(warehouse, DAYS, FRESHNESS, FIGURES.steps)


@pytest.fixture
def page(tmp_path: Path, charts: list[Chart]) -> str:
    """Write the page of a demo that reconciled."""
    path = tmp_path / "new" / "report.html"
    write_page(path, DAYS, FIGURES, CHECKS, charts)
    return path.read_text(encoding="utf-8")


def test_the_page_is_whole_and_loads_nothing(page: str) -> None:
    """No script, no reference to another file or host; a namespace's name is not loaded."""
    read = Page(page)
    assert read.open == []
    assert read.tags.count("svg") == 5
    assert not {"script", "link", "img", "iframe", "object", "image", "foreignobject"} & set(read.tags)
    for name, value in read.attributes:
        assert not name.startswith("on"), name
        if not name.startswith("xmlns"):
            assert "//" not in value, (name, value)
        if name in {"href", "src", "xlink:href"}:
            assert value.startswith("#")
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)


def test_ids_are_one_of_a_kind_and_found(page: str) -> None:
    """Two charts with one id would clip one another."""
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(set(ids)) == len(ids) > 0
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)


def test_text_is_escaped_wherever_it_comes_from(tmp_path: Path, page: str) -> None:
    """An airline in a drawing, a step in a drawing, a cell in the table of differences, a title."""
    assert "<script" not in page
    assert EVIL in Page(page).text
    difference = Difference("fact_flight", (EVIL,), "tail_number", EVIL, "null")
    checks = (TableCheck(EVIL, 1, 1, 12, (difference,)),)
    figures = replace(FIGURES, reconciled=False, steps=(Step(EVIL, 1.0),))
    charts = [Chart(EVIL, EVIL, ""), *draw(empty, DAYS, np.array([]), figures.steps)]
    write_page(tmp_path / "report.html", DAYS, figures, checks, charts)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert Page(text).text.count(EVIL) == 6


def test_the_page_shows_figures_and_what_was_compared(page: str) -> None:
    """The verdict, the figures, the tables, both colour schemes."""
    text = Page(page).text
    for part in ("8,674", "3,375", "43,668 cells compared with the source: all equal", "fact_weather"):
        assert part in text
    assert "Differences" not in text
    assert "prefers-color-scheme: dark" in page


@pytest.mark.parametrize(
    ("count", "is_said_to_be_equal", "said"),
    [
        pytest.param(2, False, "All of them.", id="few"),
        pytest.param(25, False, "The first 20 of 25.", id="many"),
        pytest.param(1, True, "All of them.", id="figures that say otherwise do not hide them"),
    ],
)
def test_differences_are_shown(
    tmp_path: Path,
    count: int,
    is_said_to_be_equal: bool,  # noqa: FBT001
    said: str,
) -> None:
    """The verdict is bad, and the first differences stand below."""
    difference = Difference("fact_flight", ("UA", "15"), "tail_number", "N14228", "null")
    checks = (TableCheck("fact_flight", 3_375, 3_375, 40_500, (difference,) * count),)
    figures = replace(FIGURES, reconciled=is_said_to_be_equal, events_lost=3)
    write_page(tmp_path / "report.html", DAYS, figures, checks, [])
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    text = Page(page).text
    assert f"not reconciled with the source: {count} differences, 3 events lost, 0 counted twice" in text
    assert 'class="verdict bad"' in page
    assert said in text
    assert text.count("N14228") == min(count, 20)


def test_an_empty_warehouse_still_makes_a_page(tmp_path: Path) -> None:
    """Every chart says that there is nothing to draw."""
    charts = draw(empty, DAYS, np.array([]), [])
    assert [chart.svg for chart in charts] == [""] * 5
    write_page(tmp_path / "report.html", DAYS, FIGURES, CHECKS, charts)
    assert Page((tmp_path / "report.html").read_text(encoding="utf-8")).text.count("Nothing to draw") == 5


def test_charts_show_what_the_warehouse_says(charts: list[Chart]) -> None:
    """Names, hours, counts, percentiles and seconds are in the drawings."""
    texts = [Page(chart.svg).text for chart in charts]
    for text, parts in zip(
        texts,
        [
            ("7 Feb", "12:00"),
            ("7 Feb", "8 Feb", "unknown F9", "90%", "0%"),
            ("EWR", "JFK", "8 Feb 13:00", "0 of 12", "5 of 20"),
            ("p50 1.00 s", "p99 1.49 s"),
            ("start the stack", "2.8 s", "replay", "6.0 s"),
        ],
        strict=True,
    ):
        for part in parts:
            assert part in text


def test_a_bar_stands_on_the_axis_over_its_hour(charts: list[Chart]) -> None:
    """Of 68 flights at 14:00 on 8 February and 5 at 06:00 the day after: one hour wide, as high as many."""
    bars = re.findall(r'd="M([\d.]+),([\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+Z" fill="#dd6b20"', charts[0].svg)
    (left, top, width, height), (later, lower, same_width, less) = [tuple(map(float, bar)) for bar in bars]
    assert width == pytest.approx(same_width)
    assert later - left == pytest.approx(16 * width)
    assert less / height == pytest.approx(5 / 68)
    assert top + height == pytest.approx(lower + less)


def test_a_drawing_does_not_depend_on_the_zone_of_the_machine() -> None:
    """Hours are New York's own, wherever they are drawn."""
    program = (
        "from datetime import date; from app.report.drawings import bars_over_time;"
        "records = [{'hour': '2013-02-08 14:00:00', 'flights': 68}];"
        "print(bars_over_time(records, date(2013, 2, 7), date(2013, 2, 10)))"
    )
    drawn = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone in ("UTC", "Asia/Tokyo")
    }
    assert len(drawn) == 1
    assert "8 Feb" in drawn.pop()


@pytest.mark.parametrize(
    "days",
    [
        pytest.param((date(2013, 2, 8), date(2013, 2, 8)), id="one day"),
        pytest.param((date(2013, 1, 1), date(2013, 12, 31)), id="a year"),
    ],
)
def test_any_range_of_dates_can_be_drawn(days: tuple[date, date]) -> None:
    """All five charts, from whatever the range holds; one record alone has a distribution too."""
    assert all(chart.svg for chart in draw(warehouse, days, np.array([900.0]), FIGURES.steps))


def test_the_warehouse_is_asked_for_the_dates_alone() -> None:
    """An earlier run's cancellations are not this one's."""
    asked: list[str] = []

    def query(sql: str) -> Rows:
        asked.append(sql)
        return warehouse(sql)

    assert cancelled_by_hour(query, *DAYS) == [("2013-02-08 14:00:00", 68), ("2013-02-09 06:00:00", 5)]
    assert "between '2013-02-07' and '2013-02-10'" in asked[0]
