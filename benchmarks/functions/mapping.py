"""The cases of event source mappings: `mapping`, `shard` and `factor`.

The records are in the stream and the environments are warm before the mapping is made, so that what is
measured is the mapping. What arrived is held against what was put, each time: a delivery that lost, changed,
repeated or disordered a record is no figure but a gap, and ours would end the run. A peer that is not done in
time is stopped, and has the rate that it reached.
"""

from dataclasses import dataclass
from random import Random

from app.errors import StandError
from benchmarks.functions.arrivals import Arrivals, Pair, written_bytes
from benchmarks.functions.bench import Bench
from benchmarks.functions.measure import Delivery
from benchmarks.functions.running import Running
from benchmarks.kinesis.records import SMALL_BYTES, even_keys
from benchmarks.peers import OURS
from benchmarks.running import CLOCK

MAPPING, SHARD, FACTOR = "mapping", "shard", "factor"
FACTOR_ONE, FACTOR_MORE = f"{FACTOR} 1", f"{FACTOR} more"
_KEYS = 200
_LOOK_SECONDS = 0.02
_WARM_UP_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class _Load:
    """One delivery: how much, and how it is asked for."""

    records: int
    shards: int
    batch: int
    pause_seconds: float = 0.0
    factor: int = 1


@dataclass(frozen=True, slots=True)
class _Came:
    """What came of it."""

    case: str
    arrivals: Arrivals
    put: list[Pair]
    began: float
    cpu_seconds: float


class WrongRecordsError(StandError):
    """What arrived is not what was put."""

    def __init__(self, peer: str, differences: str) -> None:
        """Keep whose, and what was wrong."""
        super().__init__(peer, differences)
        self.peer = peer
        self.differences = differences

    def __str__(self) -> str:
        """Say it."""
        return f"{self.peer} did not deliver what was put: {self.differences}"


def mapping(bench: Bench) -> None:
    """Deliver records of several shards, in large batches, to a function that is quick."""
    plan = bench.plan
    _deliver_in_turn(bench, MAPPING, {MAPPING: _Load(plan.records, plan.shards, plan.batch)})


def shard(bench: Bench) -> None:
    """Deliver as many records of one shard."""
    plan = bench.plan
    _deliver_in_turn(bench, SHARD, {SHARD: _Load(plan.records, 1, plan.batch)})


def factor(bench: Bench) -> None:
    """Deliver one shard's records to a function that takes its time, one batch at a time, then more."""
    plan = bench.plan
    loads = {
        case: _Load(plan.factor_records, 1, plan.factor_batch, plan.factor_pause_seconds, factor)
        for case, factor in ((FACTOR_ONE, 1), (FACTOR_MORE, plan.factor))
    }
    _deliver_in_turn(bench, FACTOR, loads)


def _deliver_in_turn(bench: Bench, name: str, loads: dict[str, _Load]) -> None:
    def work(running: Running) -> None:
        for case, load in loads.items():
            _deliver(bench, running, case, load)

    bench.in_turn(name, work)


def _deliver(bench: Bench, running: Running, case: str, load: _Load) -> None:
    pairs = _pairs(load.records)
    least_bytes = sum(written_bytes(each) for each in pairs)
    with running.function(load.pause_seconds) as function:
        function.invoke_at_once(load.shards * load.factor, _WARM_UP_SECONDS)
        settings = {"BatchSize": load.batch}
        if load.factor > 1:
            settings["ParallelizationFactor"] = load.factor
        with running.stream(load.shards, pairs) as arn:
            before, began = running.cpu_seconds(), CLOCK.now().timestamp()
            deadline = CLOCK.monotonic() + bench.plan.most_seconds
            with function.mapped(arn, **settings):
                arrivals = Arrivals([])
                while arrivals.records < load.records and CLOCK.monotonic() < deadline:
                    CLOCK.sleep(_LOOK_SECONDS)
                    if function.arrivals.exists() and function.arrivals.stat().st_size > least_bytes:
                        arrivals = Arrivals.read(function.arrivals)
                cpu = running.cpu_seconds() - before
                arrivals = Arrivals.read(function.arrivals)
    _keep(bench, running, _Came(case, arrivals, pairs, began, cpu))


def _keep(bench: Bench, running: Running, came: _Came) -> None:
    """Keep a delivery that was right, be it not all of it."""
    batches, most_seconds = came.arrivals.batches, bench.plan.most_seconds
    if wrong := came.arrivals.differences(came.put):
        raise WrongRecordsError(running.peer.name, wrong)
    if came.arrivals.records < len(came.put):
        reached = f"{came.arrivals.records:,} of {len(came.put):,} records arrived in {most_seconds:g} s"
        if running.peer.name == OURS or not batches:
            raise WrongRecordsError(running.peer.name, reached)
        bench.gap(running, came.case, reached)
        seconds = most_seconds
    else:
        seconds = batches[-1].ended - came.began
    bench.results.deliveries.append(
        Delivery(
            running.peer.name,
            came.case,
            len(came.put),
            came.arrivals.records,
            len(batches),
            came.arrivals.environments,
            batches[0].ended - came.began,
            seconds,
            came.cpu_seconds,
        )
    )


def _pairs(records: int) -> list[Pair]:
    """Return records that all differ, whose keys go round four shards evenly."""
    keys, data = even_keys(), Random(0)  # noqa: S311  # a payload, no secret
    names = [next(keys) for _ in range(_KEYS)]
    return [(names[number % _KEYS], data.randbytes(SMALL_BYTES)) for number in range(records)]
