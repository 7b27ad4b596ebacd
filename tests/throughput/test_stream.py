"""The stream's floors: `make throughput EVENTS=10000,100000`; `make bench-stream` measures the same and more.

Each stage runs in a process of its own and is measured from outside. Floors are ratios within one run, with
room for noise; a floor that falls fails.
"""

import os
import sys
from itertools import pairwise

import pytest

from app.commands.bootstrap import prepare
from app.stack.stack import Stack
from benchmarks.stream.bench import (
    ELEMENT,
    INSERT,
    LIMIT,
    ONE_BY_ONE,
    PARSE,
    STAGE,
    Bench,
    whole_way,
)
from benchmarks.stream.events import write_events
from benchmarks.stream.measure import Figures
from benchmarks.stream.plan import Plan
from runtime.settings import Settings

pytestmark = pytest.mark.timeout(3600)
SIZES = tuple(int(each) for each in os.environ.get("MILLRACE_EVENTS", "10000,100000").split(","))
PARSE_FLOOR = 2.0
"""Parsing at once over one by one."""
STAGE_FLOOR, STAGE_EVENTS = 0.25, 100_000
"""Beam's stage over plain pyarrow with the same steps, from so many events on: a run has a fixed cost."""
ELEMENT_FLOOR = 3.0
"""Beam's stage over one Beam element a record."""
INSERT_FLOOR = 50.0
"""The whole way over an INSERT a row."""
GROWTH_CEILING = 1.5
"""CPU of an event among the most of a run, over one among the second most, from `STAGE_EVENTS` on."""
MEMORY_CEILING, MEMORY_EVENTS = 1.5, 1_000_000
"""Peak memory of the whole way, likewise, from so many events on: below, a run is all first batches."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Write the events once, and print what each stage takes."""
    folder = tmp_path_factory.mktemp("bench")
    bench = Bench(Plan(sizes=SIZES), folder, say=lambda _text: None, show=_show)
    write_events(bench.events, max(SIZES))
    return bench


def _show(each: Figures) -> None:
    figures = f"{each.rate:12,.0f} events/s {each.cpu_million:8.2f} CPU s/million"
    sys.stdout.write(f"\n{each.stage:34} {each.events:>10,} {figures} {each.peak_bytes >> 20:6,} MiB\n")


def times(one: Figures, other: Figures) -> float:
    """Return how many times the CPU of one stage another takes for an event."""
    sys.stdout.write(f"{'':34} {other.cpu_million / one.cpu_million:10.2f} of {other.stage}\n")
    return other.cpu_million / one.cpu_million


@pytest.mark.parametrize("events", SIZES)
def test_parse_and_validate(bench: Bench, events: int) -> None:
    """At once costs less than half of one by one."""
    rounds = [bench.run(PARSE, "parsing.at_once", events) for _ in range(3)]
    fast = min(rounds, key=lambda each: each.cpu_seconds)
    slow = bench.run(ONE_BY_ONE, "parsing.one_by_one", min(events, bench.plan.one_by_one))
    assert times(fast, slow) > PARSE_FLOOR


@pytest.mark.parametrize("events", SIZES)
def test_the_stage_against_plain_pyarrow(bench: Bench, events: int) -> None:
    """Plan, run and commit in memory, against the same steps by a script and by one element a record."""
    limit = bench.run(LIMIT, "limit.pyarrow", events)
    stage = bench.run(STAGE, "beams.stage", events)
    element = bench.run(ELEMENT, "beams.by_element", min(events, bench.plan.by_element))
    share, gain = times(stage, limit), times(stage, element)
    if events >= STAGE_EVENTS:
        assert share > STAGE_FLOOR
        assert gain > ELEMENT_FLOOR


@pytest.mark.parametrize("packing", ["plain", "zstd"])
@pytest.mark.parametrize("events", SIZES)
def test_the_whole_way(bench: Bench, world: Settings, stack: Stack, events: int, packing: str) -> None:
    """From records in Kinesis to rows committed: all of them, and 50 times as fast as an INSERT a row."""
    prepare(world)
    bench.in_the_cloud(events, packing, stack)
    if not bench.found(INSERT, events):
        bench.run(INSERT, "cloud.insert", bench.plan.inserts)
    whole, a_row = bench.found(whole_way(packing), events), bench.found(INSERT, events)
    assert whole
    assert a_row
    sys.stdout.write(f"{'':34} {whole.rate / a_row.rate:10,.0f} times {INSERT}\n")
    if events >= STAGE_EVENTS:
        assert whole.rate / a_row.rate > INSERT_FLOOR


@pytest.mark.parametrize("stage", [PARSE, LIMIT, STAGE, whole_way("plain"), whole_way("zstd")])
def test_cost_does_not_grow_with_events(bench: Bench, stage: str) -> None:
    """Neither CPU nor memory, from one size of the run to the next; the tests before have measured them."""
    found = {events: figures for events in SIZES if (figures := bench.found(stage, events))}
    for (small, less), (large, more) in pairwise(sorted(found.items())):
        growth, memory = more.cpu_million / less.cpu_million, more.peak_bytes / less.peak_bytes
        sys.stdout.write(f"\n{stage:34} {large:>10,} CPU {growth:.2f}, memory {memory:.2f} of {small:,}\n")
        assert small < STAGE_EVENTS or growth < GROWTH_CEILING
        assert small < MEMORY_EVENTS or "whole way" not in stage or memory < MEMORY_CEILING
