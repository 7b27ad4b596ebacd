"""The cases of our own engine alone: `flat` and `memory`, each on servers of its own."""

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial

from app.errors import StandError
from benchmarks.kinesis.bench import Bench
from benchmarks.kinesis.load import Stream
from benchmarks.kinesis.measure import Memory, Work, timed
from benchmarks.kinesis.peers import ALL
from benchmarks.kinesis.records import SHARDS, SMALL_BATCH, SMALL_BYTES, batch
from benchmarks.kinesis.running import Running
from benchmarks.peers import OURS

FLAT, MEMORY = "flat", "memory"
FLAT_PUT, FLAT_READ = f"{FLAT} put", f"{FLAT} read"
_FILL_SECONDS = 900.0
_READ_RECORDS = 1_000
"""A GetRecords of `flat`: below half a shard of its lower level, so that the same calls read both levels."""


def _start(stack: ExitStack, home: str) -> Running:
    peer = next(each for each in ALL if each.name == OURS)
    running = Running(peer, f"{OURS}-{home}")
    stack.callback(running.stop)
    return running


def flat(bench: Bench) -> None:
    """Put and read at two levels in turn, each in a process of its own; reads start at about the median."""
    plan = bench.plan
    with ExitStack() as stack:
        bench.say(f"{FLAT}: starting two servers")
        low, high = _start(stack, "low"), _start(stack, "high")
        bench.say(f"{FLAT}: filling to {plan.flat_high:,}")
        high_stream = Stream(high)
        high_middle = _filled(high_stream, plan.flat_high)
        for number in range(1, plan.flat_slices + 1):
            bench.say(f"{FLAT}: slice {number} of {plan.flat_slices}")
            low_stream = Stream(low)
            low_middle = _filled(low_stream, plan.flat_low)
            _read_slice(bench, low_stream, low_middle, plan.flat_low)
            _read_slice(bench, high_stream, high_middle, plan.flat_high)
            bench.put_slice(low_stream, FLAT_PUT, plan.flat_low, plan.flat_slice)
            bench.put_slice(high_stream, FLAT_PUT, plan.flat_high, plan.flat_slice)
            low_stream.delete()


def _filled(stream: Stream, level: int) -> dict[str, str]:
    """Fill a stream, and return a sequence number of about the median of each shard."""
    _fill(stream, level // 2)
    middle = stream.put(batch(SMALL_BATCH, SMALL_BYTES))
    _fill(stream, level)
    return middle


def _fill(stream: Stream, level: int) -> None:
    stream.fill(level, _FILL_SECONDS)
    if stream.retained < level:
        msg = f"{OURS} reached {stream.retained:,} of {level:,} records in {_FILL_SECONDS:g} s"
        raise StandError(msg)


def _read_slice(bench: Bench, stream: Stream, middle: Mapping[str, str], level: int) -> None:
    def read(shard_id: str, sequence_number: str) -> int:
        records = stream.read_at(shard_id, sequence_number, _READ_RECORDS)
        if records != _READ_RECORDS:
            msg = f"{OURS} gave {records:,} of {_READ_RECORDS:,} records from the middle of {shard_id}"
            raise StandError(msg)
        return records

    again = bench.plan.flat_slice // (_READ_RECORDS * SHARDS)
    steps = [partial(read, *position) for position in middle.items()] * again
    work = Work(FLAT_READ, level, SMALL_BYTES)
    bench.results.slices.append(timed(stream.running, work, stream.retained, steps))


def memory(bench: Bench) -> None:
    """Weigh memory before and after many small records; one batch comes first, to load all code."""
    records = bench.plan.memory
    with ExitStack() as stack:
        bench.say(f"{MEMORY}: starting a server")
        running = _start(stack, "memory")
        stream = Stream(running)
        stream.put(batch(SMALL_BATCH, SMALL_BYTES))
        before = running.resident_bytes()
        bench.say(f"{MEMORY}: filling to {records:,}")
        _fill(stream, records)
        bench.results.memory.append(Memory(OURS, records, before, running.resident_bytes()))
