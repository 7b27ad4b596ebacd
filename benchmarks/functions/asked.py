"""What the project asks of its Lambda, and whether this run kept it."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.functions.invoking import WARM
from benchmarks.functions.mapping import MAPPING, SHARD
from benchmarks.functions.measure import Delivery, Results
from benchmarks.peers import OURS, Peer

WARM_MILLISECONDS = 20.0
RECORDS_TIMES = 3.0


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


def asked(results: Results, peers: Sequence[Peer]) -> list[Asked]:
    """Return every figure that is asked, measured or not; `peers` are all that were asked for."""
    warm = results.invoked(lambda each: each.p50, OURS, WARM)
    found = [
        Asked(
            "warm invocation, p50",
            f"≤ {WARM_MILLISECONDS:g} ms",
            "not measured" if warm is None else f"{warm:.1f} ms",
            None if warm is None else warm <= WARM_MILLISECONDS,
        )
    ]
    for case, what in ((MAPPING, "several shards"), (SHARD, "one shard")):
        ours = results.delivered(_rate, OURS, case)
        for peer in (each for each in peers if each.name != OURS):
            theirs = results.delivered(_rate, peer.name, case)
            times = ours / theirs if ours is not None and theirs else None
            found.append(
                Asked(
                    f"records/s of {what}, over {peer.name}'s",
                    f"≥ {RECORDS_TIMES:g} times",
                    "not measured" if times is None else f"{times:.1f} times",
                    None if times is None else times >= RECORDS_TIMES,
                )
            )
    return found


def _rate(each: Delivery) -> float:
    return each.records_a_second
