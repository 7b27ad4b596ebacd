"""Spark on this machine alone: spark-submit with a local master, in processes that end with LocalStack."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from localstack.providers.spark.processes import Supervised, start

CORES = 2
_SYSTEM = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "USER", "TMPDIR")


class LocalLauncher:
    """Starts spark-submit with `--master local[n]`."""

    def __init__(self, python: Path, cores: int = CORES) -> None:
        """Take the interpreter that has pyspark, and how many cores a run has."""
        self._submit = python.parent / "spark-submit"
        self._cores = cores

    def check(self, properties: Mapping[str, str]) -> None:
        """See `Launcher.check`: with a local master there are no executors."""

    def launch(self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> Supervised:
        """See `Launcher.launch`."""
        command = [str(self._submit), "--master", f"local[{self._cores}]", *arguments]
        return start(command, environment, folder)


def base_environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return what every driver's environment has: of what is inherited, only what any program needs."""
    return {
        **{name: inherited[name] for name in _SYSTEM if name in inherited},
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "NO_PROXY": "127.0.0.1,localhost,::1",
        "no_proxy": "127.0.0.1,localhost,::1",
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
