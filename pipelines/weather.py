"""The weather's pipeline: read, parse, validate, drop duplicates, archive, deliver."""

from typing import Any

from pipelines.feed import WEATHER
from pipelines.kinesis.source import Source
from pipelines.steps import ArchiveEvents, ReadShardRanges, WriteManifests, WriteRejects
from runtime.objects import Objects


def weather(plans: Any, source: Source, objects: Objects) -> Any:
    """Turn the planned ranges of weather-observations into observations, rejects and a manifest each."""
    read = plans | "Read" >> ReadShardRanges(source, WEATHER, objects)
    archived = read.events | "Archive" >> ArchiveEvents(objects)
    rejects = read.rejects | "Set rejects aside" >> WriteRejects(objects)
    return (read.counts, archived, rejects) | "Deliver" >> WriteManifests(objects)
