"""A job's session, and its end: what Spark must be told whatever it was started with."""

import sys
import traceback
from collections.abc import Callable, Sequence

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from jobs.shared.arguments import Arguments, parse
from jobs.shared.errors import JobError

_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.sources.partitionOverwriteMode": "dynamic",  # a re-run replaces its days, and no others
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",  # as all other files of the lake; not INT96
}


def session(name: str) -> SparkSession:
    """Return the session of this process, in which times are UTC and an overwrite replaces its days only."""
    spark = SparkSession.builder.appName(name).getOrCreate()
    for key, value in _SETTINGS.items():
        spark.conf.set(key, value)
    return spark


def run(
    name: str, description: str | None, argv: Sequence[str], job: Callable[[SparkSession, Arguments], None]
) -> int:
    """Run a job and return its exit code: 0, or 1 with the reason as its last line.

    Args:
        name: Of the job.
        description: Its first line is shown by `--help`.
        argv: The program's arguments.
        job: What it does.
    """
    arguments = parse(argv, name, (description or "").split("\n", 1)[0])
    spark = session(name)
    try:
        job(spark, arguments)
    except JobError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    except (PySparkException, Py4JJavaError) as error:  # Spark's own, such as a file that is no Parquet
        traceback.print_exc()
        print(f"error: {_told(error)}", file=sys.stderr)  # noqa: T201
        return 1
    finally:
        spark.stop()
    return 0


def _told(error: Exception) -> str:
    """Return the line that says most of one of Spark's errors: its first, or that of the Java behind it."""
    said = str(error.java_exception) if isinstance(error, Py4JJavaError) else str(error)
    return next((line.strip() for line in said.splitlines() if line.strip()), type(error).__name__)
