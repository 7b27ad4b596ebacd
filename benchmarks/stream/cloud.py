"""Stages between the cloud's services: producer, source, S3 write, manifest load, whole way, INSERT a row."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from threading import Event

import orjson

from app import wiring
from app.commands.bootstrap import prepare
from app.demo.flow import load_waiting
from app.replay.faults import NO_FAULTS
from app.replay.replay import Speed, run
from benchmarks.stream.events import as_outgoing
from benchmarks.stream.lines import read_events
from contracts.batches import Packing
from contracts.positions import ResumeAfter
from contracts.streams import FLIGHT_EVENTS_STREAM
from pipelines.kinesis.source import KinesisSource
from runtime.settings import Settings

_WRITERS = 8
"""As many as the stream has."""

_MADE = ("events/", "partials/", "state/", "manifests/")
"""Folders of what the stream makes."""

_LOOK_SECONDS = 0.5
"""Between two loads beside the stream."""


def plain(file: Path, events: int) -> Callable[[], None]:
    """Send each event as a record."""
    return _producer(file, events, "plain")


def kpl(file: Path, events: int) -> Callable[[], None]:
    """Send events packed as the KPL does."""
    return _producer(file, events, "kpl")


def zstd(file: Path, events: int) -> Callable[[], None]:
    """Send events packed, zstd."""
    return _producer(file, events, "zstd")


def _producer(file: Path, events: int, packing: Packing) -> Callable[[], None]:
    records = as_outgoing(read_events(file, events))
    kinesis, objects = wiring.producer(), wiring.lake(Settings.from_env())

    def work() -> None:
        run(
            records=records,
            kinesis=kinesis,
            objects=objects,
            speed=Speed(),
            plan=NO_FAULTS,
            clock=wiring.CLOCK,
            packing=packing,
        )

    return work


def source(_file: Path, _events: int) -> Callable[[], dict[str, int]]:
    """Read the stream from its start to its tips."""
    stream = KinesisSource(Settings.from_env(), FLIGHT_EVENTS_STREAM)

    def work() -> dict[str, int]:
        found = 0
        for shard in stream.shards():
            after = ResumeAfter()
            while records := stream.read(shard.shard_id, after).records:
                found += len(records)
                after = ResumeAfter(records.last)
        return {"records": found}

    return work


def whole_way(_file: Path, _events: int) -> Callable[[], dict[str, float]]:
    """From records in Kinesis to rows committed; loads run beside the stream, as load-warehouse does."""
    settings = Settings.from_env()
    import_module("pipelines.flights")  # Beam, which takes seconds to import

    def work() -> dict[str, float]:
        started, is_streamed = wiring.CLOCK.monotonic(), Event()
        drivers = wiring.drivers(settings)  # which read ahead from here on
        with ThreadPoolExecutor(1, "load") as pool:
            loading = pool.submit(_load_until, settings, is_streamed)
            try:
                while not all(driver.is_drained() for driver in drivers):
                    for driver in drivers:
                        driver.step()
            finally:
                is_streamed.set()
            streamed = wiring.CLOCK.monotonic() - started
            loading.result()
        for driver in drivers:
            driver.close()
        return {"streamed_seconds": streamed, "rows": _rows(settings)}

    return work


def s3_write(_file: Path, _events: int) -> Callable[[], dict[str, int]]:
    """Write once more the objects that the stream made of the events, as many at once as it does."""
    lake = wiring.lake(Settings.from_env())
    objects = [(f"again/{key}", lake.get(key)) for folder in _MADE for key in lake.keys(folder)]

    def work() -> dict[str, int]:
        with ThreadPoolExecutor(_WRITERS) as pool:
            list(pool.map(lambda each: lake.put(*each), objects))
        return {"objects": len(objects), "bytes": sum(len(data) for _, data in objects)}

    return work


def manifest_load(_file: Path, _events: int) -> Callable[[], dict[str, float]]:
    """Load all that the stream made into a warehouse that has forgotten it."""
    settings = Settings.from_env()
    warehouse = wiring.warehouse(settings)
    for model in Path("warehouse/models/schema").glob("*.sql"):
        warehouse.query(f"drop table if exists {model.stem}")
    prepare(settings)

    def work() -> dict[str, float]:
        load_waiting(settings)
        return {"rows": _rows(settings)}

    return work


def insert(file: Path, events: int) -> Callable[[], None]:
    """INSERT a row by the Data API, one after the other, as LocalStack's published Redshift sample does."""
    data = read_events(file, events)
    warehouse = wiring.warehouse(Settings.from_env())
    warehouse.query("create table plain_events (event_id varchar(64), kind varchar(16), delay integer)")

    def work() -> None:
        for each in data:
            row = orjson.loads(each)
            delay = "null" if row["delay_minutes"] is None else row["delay_minutes"]
            sql = f"insert into plain_events values ('{row['event_id']}', '{row['kind']}', {delay})"  # noqa: S608  # ours
            warehouse.query(sql)

    return work


def _load_until(settings: Settings, is_streamed: Event) -> None:
    """Load what waits, again and again, and once more when all is streamed."""
    while not is_streamed.is_set():
        load_waiting(settings)
        is_streamed.wait(_LOOK_SECONDS)
    load_waiting(settings)


def _rows(settings: Settings) -> int:
    ((rows,),) = wiring.warehouse(settings).query("select sum(events)::bigint from etl_ledger").rows
    return int(rows)
