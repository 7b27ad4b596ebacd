"""Jobs by spark-submit, with the properties that EMR's runs have."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from app.stack.java import find_java
from app.stack.spark_jars import ensure_jars
from benchmarks.spark.processes import Cost, cost_of
from benchmarks.spark.together import JOBS
from localstack.bootstrap.zips import build_packages
from localstack.providers.spark.cluster import Cluster
from localstack.providers.spark.configuration import resolve, write
from localstack.providers.spark.local import base_environment
from localstack.providers.spark.sizes import WorkerSize

HOME = Path(".millrace")


class Sparks:
    """Runs jobs of jobs/ to their end, each in a spark-submit of its own."""

    def __init__(self, folder: Path, endpoint_url: str, java_options: str = "") -> None:
        """Write the configuration, and the packages that the jobs share.

        Args:
            folder: For what Spark spills, for logs and configuration.
            endpoint_url: Of S3.
            java_options: Of drivers; those that EMR's runs have, where there are none.
        """
        self._folder = folder
        self._packages = folder / "packages.zip"
        self._packages.write_bytes(build_packages())
        layer = {"spark.driver.memory": "3g", "spark.executor.memory": "3g"}
        if java_options:
            layer["spark.driver.extraJavaOptions"] = java_options
        properties = resolve([layer], ensure_jars(HOME), folder)
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
        return self._submit(f"jobs/{job}.py", (lake, first, last), master)

    def run_together(self, lake: str, first: str, last: str) -> tuple[Cost, dict[str, float]]:
        """Run all jobs in one application, and return what it cost, and the seconds of each.

        Raises:
            StandError: One failed.
        """
        jobs = [f"jobs/{name}.py" for name in JOBS]
        cost = self._submit("benchmarks/spark/together.py", (lake, first, last), "local[2]", jobs)
        *_, told = (line for line in self._log("together").read_text().splitlines() if line.startswith("{"))
        return cost, json.loads(told)

    def _submit(
        self, script: str, of: tuple[str, str, str], master: str, modules: Sequence[str] = ()
    ) -> Cost:
        submit = str(Path(sys.executable).parent / "spark-submit")
        packages = ",".join((str(self._packages), *modules))
        lake, first, last = of
        command = [submit, "--master", master, "--py-files", packages, script]
        command += ["--lake", lake, "--from", first, "--to", last]
        return cost_of(command, self._environment, self._log(Path(script).stem))

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"
