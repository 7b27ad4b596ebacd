"""A result by day: each New York date is one file under `day=YYYY-MM-DD/`, replaced as a whole."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812  # Spark's own convention


def write_days(rows: DataFrame, uri: str, order: Sequence[str]) -> int:
    """Write rows to the folder of their `flight_date`, and return how many there are.

    A date without rows writes nothing and replaces nothing. The rename that ends a write is not atomic on S3:
    a reader in that moment may see a day without its file, and never half of one.

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
