"""The flights' pipeline: read, parse, validate, drop duplicates, archive, aggregate, deliver."""

from typing import Any

from pipelines.feed import FLIGHTS
from pipelines.kinesis.source import Source
from pipelines.steps import AggregateWindows, ArchiveEvents, DeliverBatches, ReadRanges, SetRejectsAside
from pipelines.windows import WINDOWS
from runtime.objects import Objects


def flights(plans: Any, source: Source, objects: Objects) -> Any:
    """Turn the planned ranges of flight-events into events, partials of windows, rejects and a manifest."""
    return (
        plans
        | "Read" >> ReadRanges(source, FLIGHTS, objects)
        | "Archive" >> ArchiveEvents()
        | "Aggregate" >> AggregateWindows(WINDOWS)
        | "Set rejects aside" >> SetRejectsAside()
        | "Deliver" >> DeliverBatches(objects)
    )
