"""What compact_events wrote: each date's pointer names the files in force, and readers read those only."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from contracts.lake import COMPACTED_EVENTS, compacted_pointer_key
from jobs.shared import files
from jobs.shared.arguments import Arguments
from jobs.shared.errors import NoInputError
from jobs.shared.schemas import FLIGHT_EVENTS

Pointer = Mapping[str, Any]
"""A document: `version`, `before`, `files` and `rows` in them, `sources`, and `source_rows` in those."""


@dataclass(frozen=True, slots=True)
class Version:
    """The events of a date.

    Attributes:
        day: YYYY-MM-DD.
        name: Follows from the events, whatever their order and their files.
        rows: How many.
    """

    day: str
    name: str
    rows: int

    @property
    def folder(self) -> str:
        """Where its files lie, from the root of the lake."""
        return f"{COMPACTED_EVENTS}/day={self.day}/version={self.name}"


def compacted_events(spark: SparkSession, arguments: Arguments) -> DataFrame:
    """Return the events of the dates that are compacted, as `contracts.schema.FLIGHT_EVENTS`.

    Raises:
        NoInputError: None of the dates is.
    """
    pointers = pointers_of(spark, arguments).values()
    names = [name for pointer in pointers for name in pointer["files"]]
    if not names:
        what = f"compacted events of {arguments.days}"
        raise NoInputError(what, arguments.uri(COMPACTED_EVENTS))
    return spark.read.schema(FLIGHT_EVENTS).parquet(*map(arguments.uri, names))


def pointers_of(spark: SparkSession, arguments: Arguments) -> dict[str, Pointer]:
    """Return the pointers of those of the dates that have one, by date."""
    there = set(files.names(spark, arguments.uri(COMPACTED_EVENTS)))
    days = [day for day in _days(arguments) if f"day={day}.json" in there]
    found = files.side_by_side(
        lambda day: files.read_json(spark, arguments.uri(compacted_pointer_key(day))), days
    )
    return {day: pointer for day, pointer in found.items() if pointer is not None}


def point(
    spark: SparkSession, arguments: Arguments, version: Version, said: Pointer, before: Pointer | None
) -> Pointer:
    """Have a date's pointer name a version, whose files are whole; one that does already stays as it is.

    Args:
        spark: The session.
        arguments: Where the lake is.
        version: Of the date.
        said: What else the pointer says of it.
        before: The pointer in force, where there is one.

    Returns:
        The pointer in force from now on.
    """
    last = before or {}
    is_named = last.get("version") == version.name
    names = [each for each in files.names(spark, arguments.uri(version.folder)) if each.endswith(".parquet")]
    pointer = {
        "version": version.name,
        "before": last.get("before" if is_named else "version"),
        "rows": version.rows,
        "files": [f"{version.folder}/{name}" for name in names],
        **said,
    }
    if pointer != last:
        files.write_json(spark, arguments.uri(compacted_pointer_key(version.day)), pointer)
    return pointer


def withdraw(spark: SparkSession, arguments: Arguments, day: str) -> None:
    """Remove a date's pointer, which has no events any more; its files stay for readers that have begun."""
    files.delete(spark, arguments.uri(compacted_pointer_key(day)))


def tidy(spark: SparkSession, arguments: Arguments, kept: Mapping[str, Collection[str]]) -> None:
    """Remove what nobody reads of each of the dates: all but the versions that are kept, by date."""
    there = set(files.names(spark, arguments.uri(COMPACTED_EVENTS)))

    def tidied(day: str) -> None:
        folder = arguments.uri(f"{COMPACTED_EVENTS}/day={day}")
        needed = {f"version={name}" for name in kept.get(day, ())}
        for name in files.names(spark, folder):
            if name not in needed:
                files.delete(spark, f"{folder}/{name}")
        if not needed:
            files.delete(spark, folder)

    files.side_by_side(tidied, [day for day in _days(arguments) if f"day={day}" in there])


def _days(arguments: Arguments) -> list[str]:
    count = (arguments.last - arguments.first).days + 1
    return [(arguments.first + timedelta(days=number)).isoformat() for number in range(count)]
