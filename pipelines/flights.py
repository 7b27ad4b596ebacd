"""The flights' pipeline: read, parse, validate, drop duplicates, archive, aggregate, deliver."""

from typing import Any

from pipelines.feed import FLIGHTS
from pipelines.kinesis.source import Source
from pipelines.steps import AggregateOnTimeHours, ArchiveEvents, ReadShardRanges, WriteManifests, WriteRejects
from runtime.objects import Objects


def flights(plans: Any, source: Source, objects: Objects) -> Any:
    """Turn the planned ranges of flight-events into events, on-time partials, rejects and a manifest each."""
    read = plans | "Read" >> ReadShardRanges(source, FLIGHTS, objects)
    archived = read.events | "Archive" >> ArchiveEvents(objects)
    partials = read.events | "Aggregate" >> AggregateOnTimeHours(objects)
    rejects = read.rejects | "Set rejects aside" >> WriteRejects(objects)
    return (read.counts, archived, partials, rejects) | "Deliver" >> WriteManifests(objects)
