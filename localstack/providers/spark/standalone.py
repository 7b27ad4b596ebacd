"""Spark on a standalone cluster of this machine: the driver here, executors on workers of their own."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from localstack.providers.spark.cluster import Cluster
from localstack.providers.spark.processes import Supervised, start


class StandaloneLauncher:
    """Starts spark-submit with `--master spark://…`; the cluster starts with the first, and stays.

    Of master and workers, those that have ended by themselves since the last are started again.

    The driver is a process of its own beside the cluster (Spark's client mode), so that its output, its exit
    code and its end are those of the run.
    """

    def __init__(self, python: Path, cluster: Cluster, workers: int = 1) -> None:
        """Take the interpreter that has pyspark, the cluster, and how many workers it begins with."""
        self._submit = python.parent / "spark-submit"
        self._cluster = cluster
        self._workers = workers

    def check(self, properties: Mapping[str, str]) -> None:
        """See `Launcher.check`."""
        self._cluster.worker_size.check(properties)

    def launch(self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> Supervised:
        """See `Launcher.launch`."""
        self._cluster.start(self._workers)
        command = [str(self._submit), "--master", self._cluster.url, "--deploy-mode", "client", *arguments]
        return start(command, environment, folder)
