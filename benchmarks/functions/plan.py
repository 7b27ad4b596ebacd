"""How much is asked of every peer: the sizes of one run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of one run.

    Attributes:
        rounds: Slices of each peer, in turn.
        warm: Invocations of a slice of `warm`.
        cold: New functions of a slice of `cold`.
        at_once: Invocations of `burst`.
        sleep_seconds: What each of them takes.
        records: Put for a slice of `mapping`.
        shards: Of its stream; `shard` has one.
        batch: BatchSize of both.
        factor_records: Put for a slice of `factor`.
        factor_batch: BatchSize there.
        factor_pause_seconds: What each batch takes there.
        factor: The larger ParallelizationFactor; the smaller is 1.
        most_seconds: Longest delivery; what arrived until then counts.
    """

    rounds: int = 3
    warm: int = 200
    cold: int = 5
    at_once: int = 50
    sleep_seconds: float = 0.2
    records: int = 10_000
    shards: int = 4
    batch: int = 500
    factor_records: int = 1_600
    factor_batch: int = 20
    factor_pause_seconds: float = 0.05
    factor: int = 10
    most_seconds: float = 30.0


FULL = Plan()
QUICK = Plan(
    rounds=1,
    warm=30,
    cold=2,
    at_once=10,
    records=4_000,
    factor_records=400,
    factor_batch=10,
    most_seconds=10.0,
)
"""For development: its figures mean little."""
