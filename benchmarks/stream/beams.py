"""Beam: the stream's own stage over a stream in memory, and one element a record beside it."""

from collections.abc import Callable
from pathlib import Path

import apache_beam as beam
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner

from app import wiring
from benchmarks.stream.events import as_outgoing
from benchmarks.stream.lines import WARM, read_events
from contracts.parse import parse_flight_event
from contracts.rejects import Reject
from pipelines.driver.checkpoints import MemoryCheckpoints
from pipelines.driver.driver import Driver
from pipelines.flights import flights
from pipelines.kinesis.memory import MemorySource
from runtime.objects import MemoryObjects


def stage(file: Path, events: int) -> Callable[[], None]:
    """Plan, run and commit in memory until all is committed."""
    data = read_events(file, events)
    _filled("warm", data[:WARM])()
    return _filled("measured", data)


def _filled(name: str, data: list[bytes]) -> Callable[[], None]:
    source = MemorySource(name, shard_count=4)
    for each in as_outgoing(data):
        source.put(each.data, each.partition_key)

    def work() -> None:
        driver = Driver(
            source=source,
            build=flights,
            objects=MemoryObjects(name),
            checkpoints=MemoryCheckpoints(name),
            clock=wiring.CLOCK,
        )
        records = 0
        while records < len(data):
            records += sum(each.manifest.records for each in driver.step())
        driver.close()

    return work


def by_element(file: Path, events: int) -> Callable[[], None]:
    """Parse, drop duplicates and count by hour with one Beam element a record, as Beam's examples do."""
    data = read_events(file, events)

    def work(data: list[bytes] = data) -> None:
        with beam.Pipeline(runner=FnApiRunner()) as pipeline:
            rows = (
                pipeline
                | beam.Create([data])
                | beam.FlatMap(lambda events: events)
                | beam.Map(parse_flight_event)
                | beam.Filter(lambda row: not isinstance(row, Reject))
            )
            once = (
                rows
                | beam.Map(lambda row: (row["event_id"], row))
                | beam.GroupByKey()
                | beam.Map(lambda pair: next(iter(pair[1])))
            )
            _counted = (
                once
                | beam.Filter(lambda row: row["kind"] == "departed")
                | beam.Map(
                    lambda row: ((f"{row['event_time']:%Y-%m-%dT%H}", row["origin"], row["carrier"]), 1)
                )
                | beam.CombinePerKey(sum)
            )

    work(data[:WARM])
    return work
