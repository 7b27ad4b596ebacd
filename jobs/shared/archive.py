"""What the jobs read of the lake: folders of Parquet files, held against their contract first."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, SparkSession, Window, WindowSpec
from pyspark.sql import functions as F  # noqa: N812  # Spark's own convention
from pyspark.sql.types import StructType

from contracts.lake import events_prefix
from jobs.shared.arguments import Arguments
from jobs.shared.errors import NoInputError, WrongInputError
from jobs.shared.schemas import FLIGHT_EVENTS, WEATHER_OBSERVATIONS

NEW_YORK = "America/New_York"
_NOTHING = {"PATH_NOT_FOUND", "UNABLE_TO_INFER_SCHEMA"}
"""What Spark says of a folder that is not there, and of an empty one."""


def new_york_date(moment: str) -> Column:
    """Return the New York date of a column's moments."""
    return F.to_date(F.from_utc_timestamp(F.col(moment), NEW_YORK))


def read_parquet(spark: SparkSession, uri: str, schema: str, what: str) -> DataFrame:
    """Return the rows of a folder and all below it, with exactly the columns of its contract.

    Raises:
        NoInputError: There is no file.
        WrongInputError: A column is missing, or of another type.
    """
    try:
        found = spark.read.option("recursiveFileLookup", "true").parquet(uri)
    except AnalysisException as error:
        if error.getCondition() in _NOTHING:
            raise NoInputError(what, uri) from None
        raise
    wanted = _struct(schema)
    there = {field.name: field.dataType for field in found.schema.fields}
    wrong = [
        f"{field.name} is {there[field.name].simpleString() if field.name in there else 'missing'}"
        for field in wanted.fields
        if there.get(field.name) != field.dataType
    ]
    if wrong:
        raise WrongInputError(uri, wrong)
    return found.select(*wanted.names)


def flight_events(spark: SparkSession, arguments: Arguments) -> DataFrame:
    """Return the archive of flight events whose flights were scheduled on the dates, with `flight_date`."""
    uri = arguments.uri(events_prefix("flight-events"))
    return between(read_parquet(spark, uri, FLIGHT_EVENTS, "archive"), "scheduled_departure", arguments)


def weather_observations(spark: SparkSession, arguments: Arguments) -> DataFrame:
    """Return the archive of the weather of the dates, with `flight_date`: that of flights in its hours."""
    uri = arguments.uri(events_prefix("weather-observations"))
    rows = read_parquet(spark, uri, WEATHER_OBSERVATIONS, "archive of the weather")
    return between(rows, "event_time", arguments)


def between(events: DataFrame, moment: str, arguments: Arguments) -> DataFrame:
    """Keep rows whose moment is on the New York dates that were asked for, which become `flight_date`.

    Those without a moment stay, for the rule that they break.
    """
    is_kept = F.col(moment).isNull() | is_between(moment, arguments)
    return events.where(is_kept).withColumn("flight_date", new_york_date(moment))


def is_between(moment: str, arguments: Arguments) -> Column:
    """Return whether a column's moments are on the New York dates that were asked for.

    It compares the column itself, which Parquet's statistics know: of files of other dates no page is read.
    """
    midnights = (arguments.first, arguments.last + timedelta(days=1))
    first, end = (datetime.combine(day, time(), ZoneInfo(NEW_YORK)) for day in midnights)
    return (F.col(moment) >= F.lit(first)) & (F.col(moment) < F.lit(end))


def newest(events: DataFrame, key: Sequence[str] = ("event_id",)) -> DataFrame:
    """Keep one row a key: the newest."""
    place = F.row_number().over(newest_first(key))
    return events.withColumn("place", place).where(F.col("place") == 1).drop("place")


def newest_first(key: Sequence[str] = ("event_id",)) -> WindowSpec:
    """Return the copies of a key, by event time and then by their place in the stream, the newest first."""
    return Window.partitionBy(*key).orderBy(
        F.col("event_time").desc(),
        F.length("sequence_number").desc(),  # they are numbers of any length
        F.col("sequence_number").desc(),
        F.col("sub_sequence_number").desc(),
    )


def _struct(schema: str) -> StructType:
    struct = StructType.fromDDL(schema)
    if not isinstance(struct, StructType):
        raise TypeError(schema)
    return struct
