"""The cases of all peers: `small`, `large` and `get`.

A round is a slice for each peer in turn, so that the noise of the machine hits all alike. A peer that fails
is out of the case, with its reason; an error of our own engine ends the run.
"""

from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from app.errors import StandError
from benchmarks.kinesis.bench import Bench
from benchmarks.kinesis.load import Stream
from benchmarks.kinesis.measure import Work, timed
from benchmarks.kinesis.records import LARGE_BATCH, LARGE_BYTES, SMALL_BYTES, batch
from benchmarks.kinesis.running import Running
from benchmarks.turns import FAILURES

SMALL, LARGE, GET = "small", "large", "get"


def small(bench: Bench) -> None:
    """Put 500 records of 200 B a request, around the lower level and from the upper one on."""
    plan = bench.plan
    left = list(bench.running)
    for running in bench.rounds(f"{SMALL} at {plan.near:,}", left, plan.rounds):
        if not bench.has_done(running, SMALL, partial(_near, bench, running)):
            left.remove(running)
    far: dict[Running, Stream] = {}
    for running in left:
        bench.say(f"{SMALL}: filling {running.peer.name} to {plan.far:,}")
        bench.has_done(running, SMALL, partial(_fill_far, bench, running, far))
    left = list(far)
    for running in bench.rounds(f"{SMALL} at {plan.far:,}", left, plan.rounds):
        work = partial(bench.put_slice, far[running], SMALL, plan.far, plan.far_slice)
        if not bench.has_done(running, SMALL, work):
            left.remove(running)
    _delete(far.values())


def _near(bench: Bench, running: Running) -> None:
    plan, stream = bench.plan, Stream(running)
    bench.fill(stream, SMALL, plan.near_start)
    bench.put_slice(stream, SMALL, plan.near, plan.near_slice)
    stream.delete()


def _fill_far(bench: Bench, running: Running, far: dict[Running, Stream]) -> None:
    stream = Stream(running)
    if bench.fill(stream, SMALL, bench.plan.far):
        far[running] = stream
    else:
        stream.delete()


def large(bench: Bench) -> None:
    """Put 10 records of 50 KB a request."""
    plan, work, entries = bench.plan, Work(LARGE, 0, LARGE_BYTES), batch(LARGE_BATCH, LARGE_BYTES)
    streams = _streams(bench, LARGE)
    spent = dict.fromkeys(streams, 0.0)

    def put(running: Running) -> None:
        def step() -> int:
            streams[running].put(entries)
            return len(entries)

        stream = streams[running]
        done = timed(running, work, stream.retained, [step] * plan.large_requests)
        bench.results.slices.append(done)
        spent[running] += done.wall_seconds
        if spent[running] > plan.large_seconds:
            megabytes = stream.retained * LARGE_BYTES / 1e6
            bench.gap(
                running, LARGE, f"was stopped after {spent[running]:.0f} s, with {megabytes:,.0f} MB put"
            )
            left.remove(running)

    left = list(streams)
    rounds = plan.large_bytes // (plan.large_requests * LARGE_BATCH * LARGE_BYTES)
    for running in bench.rounds(LARGE, left, rounds):
        if not bench.has_done(running, LARGE, partial(put, running)):
            left.remove(running)
    _delete(streams.values())


def get(bench: Bench) -> None:
    """Read every shard from its start to its end, 10,000 records a GetRecords at most."""
    plan, work = bench.plan, Work(GET, bench.plan.get, SMALL_BYTES)
    streams = _streams(bench, GET)

    def fill(running: Running) -> None:
        bench.say(f"{GET}: filling {running.peer.name}")
        bench.fill(streams[running], GET, plan.get)

    def read(running: Running) -> None:
        stream = streams[running]
        steps = [partial(stream.read_all, each) for each in stream.shard_ids()]
        done = timed(running, work, stream.retained, steps)
        if done.records != stream.retained:
            msg = f"{running.peer.name} gave {done.records:,} of {stream.retained:,} records back"
            raise StandError(msg)
        bench.results.slices.append(done)

    left = [running for running in streams if bench.has_done(running, GET, partial(fill, running))]
    for running in bench.rounds(GET, left, plan.rounds):
        if not bench.has_done(running, GET, partial(read, running)):
            left.remove(running)
    _delete(streams.values())


def _streams(bench: Bench, case: str) -> dict[Running, Stream]:
    streams: dict[Running, Stream] = {}

    def make(running: Running) -> None:
        streams[running] = Stream(running)

    for running in bench.running:
        bench.has_done(running, case, partial(make, running))
    return streams


def _delete(streams: Iterable[Stream]) -> None:
    for stream in streams:
        with suppress(*FAILURES):
            stream.delete()
