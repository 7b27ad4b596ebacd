"""The weather's pipeline: read, parse, validate, drop duplicates, archive, deliver."""

from typing import Any

from pipelines.feed import WEATHER
from pipelines.kinesis.source import Source
from pipelines.steps import ArchiveEvents, DeliverBatches, ReadRanges, SetRejectsAside
from runtime.objects import Objects


def weather(plans: Any, source: Source, objects: Objects) -> Any:
    """Turn the planned ranges of weather-observations into observations, rejects and a manifest each."""
    return (
        plans
        | "Read" >> ReadRanges(source, WEATHER, objects)
        | "Archive" >> ArchiveEvents()
        | "Set rejects aside" >> SetRejectsAside()
        | "Deliver" >> DeliverBatches(objects)
    )
