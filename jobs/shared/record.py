"""The record of a run in the lake, runs/<job>/<run>.json: what it read and wrote, and how long it took."""

from datetime import UTC, datetime

from pyspark.sql import SparkSession

from contracts.lake import run_record_key
from jobs.shared.arguments import Arguments
from jobs.shared.files import write_json


class Record:
    """What one run read and wrote, told as it goes on, and put into the lake at its end."""

    def __init__(self, job: str, arguments: Arguments) -> None:
        """Begin."""
        self._job = job
        self._arguments = arguments
        self._began = datetime.now(UTC)
        self._inputs: dict[str, int] = {}
        self._outputs: dict[str, int] = {}

    def read(self, uri: str, rows: int) -> None:
        """Note rows that were read of a folder."""
        self._inputs[uri] = rows

    def wrote(self, uri: str, rows: int) -> None:
        """Note rows that were written to a folder."""
        self._outputs[uri] = rows

    def finish(self, spark: SparkSession) -> None:
        """Write it, under the id that Spark has for the run."""
        ended = datetime.now(UTC)
        run = spark.sparkContext.applicationId
        content = {
            "job": self._job,
            "run": run,
            "from": self._arguments.first.isoformat(),
            "to": self._arguments.last.isoformat(),
            "inputs": self._inputs,
            "outputs": self._outputs,
            "began": self._began.isoformat(),
            "ended": ended.isoformat(),
            "seconds": round((ended - self._began).total_seconds(), 3),
        }
        write_json(spark, self._arguments.uri(run_record_key(self._job, run)), content)
