"""What the project asks of its engine, and whether this run kept it."""

from dataclasses import dataclass

from benchmarks.kinesis.cases import LARGE, SMALL
from benchmarks.kinesis.measure import Results
from benchmarks.kinesis.ours import FLAT_PUT, FLAT_READ
from benchmarks.kinesis.plan import Plan
from benchmarks.peers import OURS, STOCK

WALL_TIMES = 60.0
MINISTACK_SHARE = 1 / 5
KINESALITE_SHARE = 1 / 8
FLAT_RATIO = 1.2
LARGE_MEGABYTES = 25.0
MEMORY_MEGABYTES = 200.0


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


def asked(results: Results, plan: Plan) -> list[Asked]:
    """Return every figure that is asked, measured or not."""

    def cpu(peer: str, case: str, level: int) -> float | None:
        return results.middle(lambda each: each.cpu_microseconds, peer, case, level)

    def flat(case: str) -> float | None:
        return _ratio(cpu(OURS, case, plan.flat_high), cpu(OURS, case, plan.flat_low))

    def share(peer: str) -> float | None:
        return _ratio(cpu(OURS, SMALL, plan.far), cpu(peer, SMALL, plan.far))

    def wall(peer: str) -> float | None:
        return results.middle(lambda each: each.records_a_second, peer, SMALL, plan.near)

    levels = f"{plan.flat_high:,} over {plan.flat_low:,} retained"
    times = _ratio(wall(OURS), wall(STOCK))
    large = results.middle(lambda each: each.megabytes_a_second, OURS, LARGE)
    grown = next(((each.after_bytes - each.before_bytes) / 1e6 for each in results.memory), None)
    return [
        _least(f"puts at {plan.near:,} retained, wall, over stock LocalStack", WALL_TIMES, times, " times"),
        _share(
            f"CPU per record at {plan.far:,} retained, of ministack's", MINISTACK_SHARE, share("ministack")
        ),
        _share(
            f"CPU per record at {plan.far:,} retained, of kinesalite's", KINESALITE_SHARE, share("kinesalite")
        ),
        _most(f"CPU per record put, {levels}", FLAT_RATIO, flat(FLAT_PUT), ""),
        _most(f"CPU per record read, {levels}", FLAT_RATIO, flat(FLAT_READ), ""),
        _least("puts of 10 records of 50 KB, wall", LARGE_MEGABYTES, large, " MB/s"),
        _most(f"memory grown over {plan.memory:,} records", MEMORY_MEGABYTES, grown, " MB"),
    ]


def _ratio(above: float | None, below: float | None) -> float | None:
    return above / below if above is not None and below else None


def _least(what: str, limit: float, figure: float | None, unit: str) -> Asked:
    is_kept = None if figure is None else figure >= limit
    return Asked(what, f"≥ {limit:g}{unit}", _text(figure, unit), is_kept)


def _most(what: str, limit: float, figure: float | None, unit: str) -> Asked:
    is_kept = None if figure is None else figure <= limit
    return Asked(what, f"≤ {limit:g}{unit}", _text(figure, unit), is_kept)


def _share(what: str, limit: float, figure: float | None) -> Asked:
    """Say a share as one over something."""
    measured = f"1/{1 / figure:.1f}" if figure else "not measured"
    return Asked(what, f"≤ 1/{1 / limit:g}", measured, None if figure is None else figure <= limit)


def _text(figure: float | None, unit: str) -> str:
    return "not measured" if figure is None else f"{figure:,.2f}{unit}"
