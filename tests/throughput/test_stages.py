"""Records a second by stage: `make throughput`.

Each stage takes the same 10,000 events of real flights. Beside the time pytest-benchmark measures, records a
second and CPU seconds a million are printed; floors are ratios within one run, never times.
"""

import io
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import orjson
import pyarrow as pa
import pytest
from pyarrow import json as arrow_json
from pyarrow import parquet

from app import wiring
from app.commands.bootstrap import prepare
from app.demo.flow import load_waiting
from app.replay.faults import NO_FAULTS, Outgoing
from app.replay.replay import Speed, outgoing, run
from contracts.parse import parse_flight_event
from contracts.rejects import Reject
from contracts.schema import FLIGHT_FIELDS
from contracts.streams import FLIGHT_EVENTS_STREAM
from pipelines.driver.checkpoints import MemoryCheckpoints
from pipelines.driver.driver import Driver
from pipelines.flights import flights
from pipelines.kinesis.memory import MemorySource
from pipelines.steps import parquet_bytes
from runtime.objects import MemoryObjects
from runtime.settings import Settings

pytestmark = pytest.mark.timeout(600)
EVENTS = 10_000
ROUNDS = 3
BEAM_FLOOR = 0.03
"""Beam's stage does all of a range's work, parsing by rules, duplicates, partials, state and manifests; plain
pyarrow, on one thread, parses JSON and writes Parquet. The stage must reach this share of pyarrow's rate."""


@pytest.fixture(scope="module")
def events() -> list[Outgoing]:
    """10,000 flight events of January, in their order."""
    records = outgoing(date(2013, 1, 1), date(2013, 1, 5))
    return [each for each in records if each.stream == FLIGHT_EVENTS_STREAM][:EVENTS]


def measure(
    benchmark: Any, name: str, work: Callable[..., Any], setup: Callable[[], Any] | None = None
) -> float:
    """Run one stage, print its figures, and return its records a second of the best round."""
    cpu: list[float] = []

    def timed(*arguments: Any) -> None:
        started = time.process_time()
        work(*arguments)
        cpu.append(time.process_time() - started)

    benchmark.pedantic(timed, setup=setup, rounds=ROUNDS, iterations=1)
    benchmark.extra_info["cpu_seconds_per_million"] = round(min(cpu) / EVENTS * 1e6, 2)
    return shown(name, benchmark.stats.stats.min, min(cpu))


def shown(name: str, seconds: float, cpu_seconds: float) -> float:
    """Print a stage's figures, the CPU of this process only, and return its records a second."""
    rate = EVENTS / seconds
    print(f"\n{name:28} {rate:12,.0f} records/s {cpu_seconds / EVENTS * 1e6:10.2f} CPU s/million")  # noqa: T201
    return rate


def plain_pyarrow(data: list[bytes]) -> bytes:
    """Parse JSON and write Parquet, and nothing else: the limit."""
    schema = pa.schema(
        [(field.name, pa.string() if "time" in str(field.type) else field.type) for field in FLIGHT_FIELDS]
    )
    table = arrow_json.read_json(
        io.BytesIO(b"\n".join(data)),
        read_options=arrow_json.ReadOptions(use_threads=False),
        parse_options=arrow_json.ParseOptions(explicit_schema=schema),
    )
    sink = io.BytesIO()
    parquet.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def test_parse_and_validate(benchmark: Any, events: list[Outgoing]) -> None:
    """From bytes to rows, every rule checked."""
    data = [each.data for each in events]

    def parse() -> None:
        assert not any(isinstance(parse_flight_event(each), Reject) for each in data)

    measure(benchmark, "parse and validate", parse)


def test_beam_stage_against_plain_pyarrow(benchmark: Any, events: list[Outgoing]) -> None:
    """One range through the whole pipeline, in memory, against JSON to Parquet by pyarrow alone."""
    data = [each.data for each in events]
    numbers = iter(range(1_000))

    def setup() -> tuple[tuple[Driver], dict[str, Any]]:
        name = f"throughput-{next(numbers)}"
        source = MemorySource(name)
        for each in events:
            source.put(each.data, each.partition_key)
        driver = Driver(
            source=source,
            build=flights,
            objects=MemoryObjects(name),
            checkpoints=MemoryCheckpoints(name),
            clock=wiring.CLOCK,
        )
        return (driver,), {}

    def stream(driver: Driver) -> None:
        records = 0
        while records < EVENTS:
            records += sum(manifest.records for manifest in driver.step())
        driver.close()

    best = min(_seconds(lambda: plain_pyarrow(data)) for _ in range(ROUNDS))
    rate = measure(benchmark, "Beam stage, in memory", stream, setup)
    ratio = rate * best / EVENTS
    print(f"{'':28} {ratio:12.2f} of plain pyarrow's rate")  # noqa: T201
    assert ratio > BEAM_FLOOR


def test_archive(benchmark: Any, events: list[Outgoing]) -> None:
    """Rows to Parquet bytes."""
    rows = [orjson.loads(each.data) for each in events]
    table = pa.Table.from_pylist(rows)
    measure(benchmark, "write Parquet", lambda: parquet_bytes(table))


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def test_producer_load_and_whole_way(benchmark: Any, events: list[Outgoing], world: Settings) -> None:
    """Through the local stack: PutRecords, then Kinesis to committed rows, the load apart."""
    prepare(world)
    lake, warehouse = wiring.lake(world), wiring.warehouse(world)
    cpu = time.process_time()
    sent = run(
        records=events,
        kinesis=wiring.producer(),
        objects=lake,
        speed=Speed(),
        plan=NO_FAULTS,
        clock=wiring.CLOCK,
    )
    shown("producer, PutRecords", sent.seconds, time.process_time() - cpu)
    drivers = wiring.drivers(world)

    def whole_way() -> None:
        while not all(driver.is_drained() for driver in drivers):
            for driver in drivers:
                driver.step()
        started, cpu = time.perf_counter(), time.process_time()
        load_waiting(world)
        shown("load", time.perf_counter() - started, time.process_time() - cpu)

    cpu = time.process_time()
    benchmark.pedantic(whole_way, rounds=1, iterations=1)
    shown("Kinesis to committed rows", benchmark.stats.stats.min, time.process_time() - cpu)
    for driver in drivers:
        driver.close()
    ((archived,),) = warehouse.query("select sum(events)::bigint from etl_ledger").rows
    assert archived == EVENTS
