"""The stream's benchmark: events are events, work is measured from outside, what is asked is judged."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.stream.asked import asked
from benchmarks.stream.bench import INSERT, LIMIT, PARSE, STAGE, whole_way
from benchmarks.stream.events import as_outgoing, write_events
from benchmarks.stream.freshness import Freshness, evenly
from benchmarks.stream.lines import read_events
from benchmarks.stream.measure import Figures, WorkFailedError, command_of, measured
from benchmarks.stream.plan import Plan
from benchmarks.stream.report import BEGIN, END, Run, growth
from contracts.parse import parse_flight_event
from contracts.rejects import Reject

_EVENTS = 1_000


def figures(stage: str, events: int, seconds: float, peak: int = 1) -> Figures:
    """Return what a stage took; all of it was CPU."""
    return Figures(stage, events, seconds, seconds, 0.0, 0, peak)


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write some events."""
    path = tmp_path_factory.mktemp("events") / "events.jsonl"
    write_events(path, _EVENTS)
    return path


def test_events_are_events(events: Path) -> None:
    """Each parses, none comes twice, and no more are read than are there."""
    data = read_events(events, _EVENTS)
    rows = [parse_flight_event(each) for each in data]
    assert len({row["event_id"] for row in rows if not isinstance(row, Reject)}) == _EVENTS
    assert read_events(events, 10, 20) == data[20:30]
    with pytest.raises(ValueError, match="`count` must be at most 1000"):
        read_events(events, _EVENTS + 1)


def test_events_are_sent_evenly(events: Path) -> None:
    """In their order, whenever they happened."""
    records = evenly(as_outgoing(read_events(events, 11)), 5)
    assert records[10].due - records[0].due == timedelta(seconds=2)
    assert [each.data for each in records] == read_events(events, 11)
    assert records[0].partition_key == "N14228"


def test_work_is_measured_from_outside(events: Path, tmp_path: Path) -> None:
    """What it was given is there before, and its CPU is not ours."""
    found = measured(PARSE, _EVENTS, command_of("parsing.one_by_one", events, _EVENTS), tmp_path / "log")
    assert 0 < found.cpu_seconds <= found.seconds * 1.5
    assert found.peak_bytes >= found.held_bytes > 0


def test_work_that_fails_is_named(tmp_path: Path) -> None:
    """With its last words."""
    command = [sys.executable, "-c", "print('ready', flush=True); input(); raise SystemExit('no luck')"]
    with pytest.raises(WorkFailedError, match="the stage ended before it was done: no luck"):
        measured("the stage", 1, command, tmp_path / "log")


def test_what_is_asked_is_judged() -> None:
    """At the largest size, memory from one million to five; what was not measured is no verdict."""
    found = [
        figures(LIMIT, 10_000, 0.01),
        figures(LIMIT, 1_000_000, 3),
        figures(STAGE, 1_000_000, 4),
        figures(INSERT, 300, 6),
        figures(whole_way("plain"), 1_000_000, 100, peak=100),
        figures(whole_way("plain"), 5_000_000, 250, peak=130),
    ]
    fresh = Freshness(5_000, 4_990.0, 300.0, 1_500_000, {50: 1.0, 90: 2.0, 99: 6.0, 100: 7.0})
    verdicts = {each.what: (each.measured, each.is_kept) for each in asked(found, fresh)}
    assert verdicts == {
        "Beam stage, of plain pyarrow with the same steps, CPU": ("0.75", True),
        "parse and validate, events a CPU second": ("not measured", None),
        "whole way, events packed, events/s": ("not measured", None),
        "whole way, an event a record, events/s": ("20,000", True),
        "whole way, packed, times an INSERT a row": ("not measured", None),
        "whole way, plain, times an INSERT a row": ("400", True),
        "memory of the whole way, zstd, at 5 million over 1 million": ("not measured", None),
        "memory of the whole way, plain, at 5 million over 1 million": ("1.30 times", False),
        "freshness p50": ("1.00 s", True),
        "freshness p99": ("6.00 s", False),
        "freshness: the rate that was held, of the one asked for": ("1.00", True),
    }


def test_growth_is_that_of_the_largest_sizes() -> None:
    """The fixed cost of a small run says nothing about it."""
    assert growth([figures("x", 10, 5), figures("x", 100, 6), figures("x", 1_000, 60)]) == "n^1.00"


def test_a_page_has_the_last_run(tmp_path: Path) -> None:
    """Between its marks, and nothing else of it changes; a page without marks is refused."""
    page = tmp_path / "page.md"
    run = Run(
        Plan(), {"cores": 2}, "make it", [*map(figures, [STAGE] * 3, [100, 1_000, 1_000_000], [1, 9, 5])]
    )
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    run.publish(page)
    run.publish(page)
    text = page.read_text()
    assert text.startswith(f"before\n{BEGIN}\n`make it`: cores 2.\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "old" not in text
    assert "| Beam stage, in memory | 100 | 111 | 200,000 |" in text
    assert "| stage | 100 | 1,000 | 1,000,000 repeated |" in text
    assert "<svg" in (tmp_path / "plots" / "stream-rate.svg").read_text()
    page.write_text("no marks")
    with pytest.raises(ValueError, match="`page` must have"):
        run.publish(page)
