"""Reading what compact_events wrote: the files that the dates' pointers name, and no others."""

from datetime import timedelta

from pyspark.sql import DataFrame, SparkSession

from contracts.lake import COMPACTED_EVENTS, compacted_pointer_key
from jobs.shared.arguments import Arguments
from jobs.shared.errors import NoInputError
from jobs.shared.files import read_json
from jobs.shared.schemas import FLIGHT_EVENTS


def compacted_events(spark: SparkSession, arguments: Arguments) -> DataFrame:
    """Return the events of the dates that are compacted, as `contracts.schema.FLIGHT_EVENTS`.

    Raises:
        NoInputError: None of the dates is.
    """
    days = range((arguments.last - arguments.first).days + 1)
    dates = [(arguments.first + timedelta(days=day)).isoformat() for day in days]
    pointers = (read_json(spark, arguments.uri(compacted_pointer_key(day))) for day in dates)
    names = [name for pointer in pointers if pointer for name in pointer["files"]]
    if not names:
        what = f"compacted events of {arguments.days}"
        raise NoInputError(what, arguments.uri(COMPACTED_EVENTS))
    return spark.read.schema(FLIGHT_EVENTS).parquet(*map(arguments.uri, names))
