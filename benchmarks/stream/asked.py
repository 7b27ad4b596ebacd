"""What the project asks of its stream, and whether this run kept it."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.stream.bench import INSERT, LIMIT, PARSE, STAGE, whole_way
from benchmarks.stream.freshness import Freshness
from benchmarks.stream.measure import Figures

STAGE_SHARE = 0.75
PARSED = 400_000
PACKED_RATE, PLAIN_RATE = 60_000, 15_000
INSERT_TIMES = 50
MEMORY_TIMES = 1.25
"""Flat: five times the events take no more than a quarter more."""
P50_SECONDS, P99_SECONDS = 2.0, 5.0
HELD_SHARE = 0.98
"""Of the rate that freshness is measured at."""

_FLAT_FROM, _FLAT_TO = 1_000_000, 5_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One figure that is asked.

    Attributes:
        what: What it is.
        asked: As a table says it.
        measured: As a table says it.
        is_kept: None where it was not measured.
    """

    what: str
    asked: str
    measured: str
    is_kept: bool | None


def asked(figures: Sequence[Figures], freshness: Freshness | None) -> list[Asked]:
    """Return every figure that is asked, measured or not; those by stage at the largest size of the run."""
    largest = {each.stage: each for each in sorted(figures, key=lambda each: each.events)}
    stage, limit, parse = (largest.get(name) for name in (STAGE, LIMIT, PARSE))
    packed, plain, insert = (largest.get(name) for name in (whole_way("zstd"), whole_way("plain"), INSERT))
    share = limit.cpu_million / stage.cpu_million if stage and limit else None
    found = [
        _least("Beam stage, of plain pyarrow with the same steps, CPU", STAGE_SHARE, share, ".2f"),
        _least("parse and validate, events a CPU second", PARSED, parse.cpu_rate if parse else None),
        _least("whole way, events packed, events/s", PACKED_RATE, packed.rate if packed else None),
        _least("whole way, an event a record, events/s", PLAIN_RATE, plain.rate if plain else None),
    ]
    for name, way in (("packed", packed), ("plain", plain)):
        times = way.rate / insert.rate if way and insert else None
        found.append(_least(f"whole way, {name}, times an INSERT a row", INSERT_TIMES, times))
    for name in ("zstd", "plain"):
        ways = {each.events: each for each in figures if each.stage == whole_way(name)}
        low, high = ways.get(_FLAT_FROM), ways.get(_FLAT_TO)
        grown = high.peak_bytes / low.peak_bytes if low and high else None
        what = f"memory of the whole way, {name}, at 5 million over 1 million"
        found.append(_most(what, MEMORY_TIMES, grown, " times"))
    p50, p99 = ((freshness.percentiles[share] if freshness else None) for share in (50, 99))
    return [
        *found,
        _most("freshness p50", P50_SECONDS, p50, " s"),
        _most("freshness p99", P99_SECONDS, p99, " s"),
        _least(
            "freshness: the rate that was held, of the one asked for",
            HELD_SHARE,
            freshness.rate / freshness.asked_rate if freshness else None,
            ".2f",
        ),
    ]


def _least(what: str, least: float, found: float | None, form: str = ",.0f") -> Asked:
    said = "not measured" if found is None else f"{found:{form}}"
    return Asked(what, f"≥ {least:,}", said, None if found is None else found >= least)


def _most(what: str, most: float, found: float | None, unit: str) -> Asked:
    said = "not measured" if found is None else f"{found:.2f}{unit}"
    return Asked(what, f"≤ {most:g}{unit}", said, None if found is None else found <= most)
