"""The stream's stages and its whole way, events a second: `make throughput EVENTS=10000,100000`.

Each prints events a second, CPU seconds a million of this process, and its peak memory. Floors are ratios
within one run, with room for noise; a floor that falls fails.
"""

import gc
import os
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from threading import Event
from typing import Any

import localstack_client.session
import orjson
import psutil
import pytest

from app import wiring
from app.commands.bootstrap import prepare
from app.demo.flow import load_waiting
from app.replay.faults import NO_FAULTS
from app.replay.replay import Speed, run
from contracts.batches import Packing, pack, unpack
from contracts.parse import parse_flight_event
from contracts.positions import ResumeAfter
from contracts.streams import FLIGHT_EVENTS_STREAM
from pipelines.columnar import parse_all
from pipelines.driver.checkpoints import MemoryCheckpoints
from pipelines.driver.driver import Driver
from pipelines.feed import FLIGHTS
from pipelines.flights import flights
from pipelines.kinesis.memory import MemorySource
from pipelines.kinesis.source import KinesisSource
from runtime.objects import MemoryObjects
from runtime.settings import Settings
from runtime.warehouse import Warehouse
from tests.throughput.events import flight_events
from tests.throughput.peers import beam_by_element, plain_pyarrow

pytestmark = pytest.mark.timeout(3600)
SIZES = [int(each) for each in os.environ.get("MILLRACE_EVENTS", "10000,100000").split(",")]
PACKED_EVENTS = 500
CHUNK = 20_000
PARSE_FLOOR = 2.0
"""Parsing at once over one by one."""
STAGE_FLOOR, STAGE_EVENTS = 0.25, 100_000
"""Beam's stage over plain pyarrow with the same steps, from so many events on: a run has a fixed cost."""
ELEMENT_FLOOR = 3.0
"""Beam's stage over one Beam element a record."""
INSERT_FLOOR = 50.0
"""The whole way over an INSERT a row."""
INSERTED = 300
_NAMES = count()


@dataclass
class Figures:
    """What a stage took.

    Attributes:
        seconds: By the clock.
        cpu_seconds: Of this process.
    """

    seconds: float
    cpu_seconds: float


RESULTS: list[dict[str, Any]] = []


@pytest.fixture(scope="module", autouse=True)
def _kept() -> Iterator[None]:
    """Keep the figures of the module as build/bench/stream.json."""
    yield
    os.makedirs("build/bench", exist_ok=True)  # noqa: PTH103  # one line
    with open("build/bench/stream.json", "wb") as file:  # noqa: PTH123  # as above
        file.write(orjson.dumps(RESULTS, option=orjson.OPT_INDENT_2))


def measured(name: str, events: int, work: Callable[[], Any], rounds: int = 1) -> Figures:
    """Do some work, print the best round's figures, and keep them."""
    best = Figures(float("inf"), float("inf"))
    for _ in range(rounds):
        started, cpu = time.perf_counter(), time.process_time()
        work()
        took = Figures(time.perf_counter() - started, time.process_time() - cpu)
        best = min(best, took, key=lambda each: each.seconds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rate, cpu_million = events / best.seconds, best.cpu_seconds / events * 1e6
    RESULTS.append(
        {
            "stage": name,
            "events": events,
            "events_per_second": round(rate),
            "cpu_seconds_per_million": round(cpu_million, 2),
            "memory_mib": round(psutil.Process().memory_info().rss / 2**20),
            "peak_memory_mib": round(peak),
        }
    )
    line = f"{name:34} {events:>10,} {rate:12,.0f} events/s {cpu_million:8.2f} CPU s/million"
    print(f"\n{line} {peak:8,.0f} MiB peak")  # noqa: T201  # what the run is for
    return best


def data_of(events: int) -> list[bytes]:
    """The bytes of so many events."""
    data = [each.data for each in flight_events(events)]
    gc.freeze()  # what a test holds is nothing that the stream would look through
    return data


@pytest.mark.parametrize("events", SIZES)
def test_parse_and_validate(events: int) -> None:
    """At once, beside one by one."""
    data = data_of(events)

    def at_once() -> None:
        for start in range(0, events, CHUNK):
            parsed = parse_all(data[start : start + CHUNK], FLIGHTS.parse, FLIGHTS.parse_all, FLIGHTS.fields)
            assert not parsed.rejects

    sample = data[:10_000]
    fast = measured("parse and validate", events, at_once, rounds=3)
    slow = measured("parse and validate one by one", len(sample), lambda: [*map(parse_flight_event, sample)])
    ratio = slow.cpu_seconds / len(sample) / (fast.cpu_seconds / events)
    print(f"{'':34} {ratio:10.1f} times one by one")  # noqa: T201
    assert ratio > PARSE_FLOOR


@pytest.mark.parametrize("packing", ["gzip", "zstd", "kpl"])
def test_pack_and_unpack(packing: Packing) -> None:
    """500 events a record."""
    data = data_of(SIZES[0])
    parts = [data[start : start + PACKED_EVENTS] for start in range(0, len(data), PACKED_EVENTS)]
    packed: list[bytes] = []
    measured(f"pack {packing}", len(data), lambda: packed.extend(pack(part, packing) for part in parts))
    measured(f"unpack {packing}", len(data), lambda: [unpack(each) for each in packed])
    print(f"{'':34} {sum(map(len, packed)) / sum(map(len, data)):10.2f} of the plain bytes")  # noqa: T201


def driven(source: MemorySource, name: str, events: int) -> None:
    """Drive a stream in memory until so many events are committed."""
    driver = Driver(
        source=source,
        build=flights,
        objects=MemoryObjects(name),
        checkpoints=MemoryCheckpoints(name),
        clock=wiring.CLOCK,
    )
    records = 0
    while records < events:
        records += sum(manifest.records for manifest in driver.step())
    driver.close()


@pytest.mark.parametrize("events", SIZES)
def test_the_stage_against_plain_pyarrow(events: int) -> None:
    """Plan, run and commit in memory, against the same steps by a script and by one element a record."""
    data = data_of(events)
    name = f"throughput-{next(_NAMES)}"
    source = MemorySource(name, shard_count=4)
    for each in flight_events(events):
        source.put(each.data, each.partition_key)
    limit = measured("plain pyarrow, the same steps", events, lambda: plain_pyarrow(data))
    stage = measured("Beam stage, in memory", events, lambda: driven(source, name, events))
    print(f"{'':34} {limit.cpu_seconds / stage.cpu_seconds:10.2f} of plain pyarrow")  # noqa: T201
    sample = data[:10_000]
    element = measured("one Beam element a record", len(sample), lambda: beam_by_element(sample))
    ratio = element.cpu_seconds / len(sample) / (stage.cpu_seconds / events)
    print(f"{'':34} {ratio:10.1f} times one element a record")  # noqa: T201
    if events >= STAGE_EVENTS:
        assert limit.cpu_seconds / stage.cpu_seconds > STAGE_FLOOR
        assert ratio > ELEMENT_FLOOR


def sent(world: Settings, events: int, packing: Packing) -> None:
    """Send events to Kinesis, and print the producer's figures."""
    records = list(flight_events(events))
    measured(
        f"producer, {packing}",
        events,
        lambda: run(
            records=records,
            kinesis=wiring.producer(),
            objects=wiring.lake(world),
            speed=Speed(),
            plan=NO_FAULTS,
            clock=wiring.CLOCK,
            packing=packing,
        ),
    )


def read_all(world: Settings) -> int:
    """Read a stream from its start to its tips, and count its records."""
    source = KinesisSource(world, FLIGHT_EVENTS_STREAM)
    found = 0
    for shard in source.shards():
        after = ResumeAfter()
        while reading := source.read(shard.shard_id, after):
            if not reading.records:
                break
            found += len(reading.records)
            after = ResumeAfter(reading.records.last)
    return found


@pytest.mark.parametrize("packing", ["plain", "zstd"])
@pytest.mark.parametrize("events", SIZES)
def test_the_whole_way(world: Settings, events: int, packing: Packing) -> None:
    """From records in Kinesis to rows committed in the warehouse, the producer apart."""
    prepare(world)
    sent(world, events, packing)
    measured(f"source, {packing}", events, lambda: read_all(world))
    warehouse = wiring.warehouse(world)
    drivers = wiring.drivers(world)
    streamed: list[float] = []

    def whole_way() -> None:
        started, is_streamed = time.perf_counter(), Event()
        with ThreadPoolExecutor(1, "load") as pool:  # loads run beside the stream, as load-warehouse does
            loading = pool.submit(_load_until, world, is_streamed)
            try:
                while not all(driver.is_drained() for driver in drivers):
                    for driver in drivers:
                        driver.step()
            finally:
                is_streamed.set()
            streamed.append(time.perf_counter() - started)
            loading.result()

    whole = measured(f"whole way, {packing}", events, whole_way)
    for driver in drivers:
        driver.close()
    print(f"{'':34} {whole.seconds - streamed[0]:10.1f} s of it the load behind the stream")  # noqa: T201
    ((archived,),) = warehouse.query("select sum(events)::bigint from etl_ledger").rows
    assert archived == events
    a_row = inserted(warehouse, data_of(events)[:INSERTED])
    ratio = a_row.seconds / INSERTED / (whole.seconds / events)
    print(f"{'':34} {ratio:10.0f} times an INSERT a row")  # noqa: T201
    if events >= STAGE_EVENTS:
        assert ratio > INSERT_FLOOR


def _load_until(world: Settings, is_streamed: Event) -> None:
    """Load what waits, again and again, and once more when all is streamed."""
    while not is_streamed.is_set():
        load_waiting(world)
        is_streamed.wait(0.5)
    load_waiting(world)


def inserted(warehouse: Warehouse, data: Sequence[bytes]) -> Figures:
    """Load events by an INSERT a row through the Data API, as LocalStack's Redshift sample does."""
    session: Any = localstack_client.session.Session()
    assert session
    warehouse.query("create table plain_events (event_id varchar(64), kind varchar(16), delay integer)")

    def insert() -> None:
        for each in data:
            row = orjson.loads(each)
            delay = "null" if row["delay_minutes"] is None else row["delay_minutes"]
            sql = f"insert into plain_events values ('{row['event_id']}', '{row['kind']}', {delay})"  # noqa: S608
            warehouse.query(sql)

    return measured("an INSERT a row", len(data), insert)
