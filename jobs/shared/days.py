"""A result by day: each New York date is one file under `day=YYYY-MM-DD/`, replaced as a whole."""

from collections.abc import Sequence
from datetime import timedelta

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812  # Spark's own convention

from jobs.shared.arguments import Arguments
from jobs.shared.files import delete


def write_days(rows: DataFrame, uri: str, order: Sequence[str]) -> int:
    """Write rows to the folder of their `flight_date`, and return how many there are.

    A date without rows writes nothing and replaces nothing. What ends a write is not atomic on S3: a reader
    in that moment may see a day without its file, and never half of one.

    Args:
        rows: The result; it is kept in memory while it is counted and written.
        uri: Folder of the result.
        order: Columns by which a day's rows are sorted; they tell any two rows apart.
    """
    kept = rows.persist()
    try:
        count = kept.count()
        if count:
            (
                kept.withColumn("day", F.col("flight_date").cast("string"))
                .repartition("day")
                .sortWithinPartitions("day", *order)
                .write.partitionBy("day")
                .mode("overwrite")
                .parquet(uri)
            )
    finally:
        kept.unpersist()
    return count


def clear_days(spark: SparkSession, uri: str, arguments: Arguments, rows: DataFrame) -> None:
    """Remove what an earlier run wrote for those dates of which a result has no rows."""
    held = {row.flight_date for row in rows.select("flight_date").distinct().collect()}
    days = range((arguments.last - arguments.first).days + 1)
    for day in (arguments.first + timedelta(days=number) for number in days):
        if day not in held:
            delete(spark, f"{uri}day={day.isoformat()}")
