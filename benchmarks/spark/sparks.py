"""The job daily_on_time by spark-submit, with the properties that EMR's runs have."""

import os
import sys
from pathlib import Path

from app.stack.java import find_java
from app.stack.spark_jars import ensure_jars
from benchmarks.spark.processes import Cost, cost_of
from localstack.bootstrap.zips import build_packages
from localstack.providers.spark.cluster import Cluster, WorkerSize
from localstack.providers.spark.configuration import resolve, write
from localstack.providers.spark.local import base_environment

HOME = Path(".millrace")


class Sparks:
    """Runs jobs of jobs/ to their end, each in a spark-submit of its own."""

    def __init__(self, folder: Path, endpoint_url: str) -> None:
        """Write the configuration, and the packages that the jobs share.

        Args:
            folder: For what Spark spills, for logs and configuration.
            endpoint_url: Of S3.
        """
        self._folder = folder
        self._packages = folder / "packages.zip"
        self._packages.write_bytes(build_packages())
        properties = resolve(
            [{"spark.driver.memory": "3g", "spark.executor.memory": "3g"}], ensure_jars(HOME), folder
        )
        write(properties, folder / "conf")
        self._environment = base_environment(os.environ) | {
            "JAVA_HOME": str(find_java(HOME.absolute())),
            "SPARK_CONF_DIR": str(folder / "conf"),
            "PYSPARK_PYTHON": sys.executable,
            "AWS_ENDPOINT_URL": endpoint_url,
        }

    def cluster(self) -> Cluster:
        """Return a standalone cluster of one worker with two cores, which is off."""
        return Cluster(Path(sys.executable), self._environment, self._folder / "cluster", WorkerSize(2, 4096))

    def run(self, job: str, lake: str, first: str, last: str, master: str = "local[2]") -> Cost:
        """Run a job and return what it cost, spark-submit's own start included.

        Raises:
            StandError: It failed.
        """
        submit = str(Path(sys.executable).parent / "spark-submit")
        command = [submit, "--master", master, "--py-files", str(self._packages), f"jobs/{job}.py"]
        command += ["--lake", lake, "--from", first, "--to", last]
        return cost_of(command, self._environment, self._folder / f"{job}.log")
