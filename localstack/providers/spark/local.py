"""Spark on this machine alone: spark-submit with a local master, in processes that end with LocalStack."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from localstack.providers.spark import supervisor
from localstack.providers.spark.launching import LaunchError

CORES = 2
_SYSTEM = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "USER", "TMPDIR")


class LocalDriver:
    """A spark-submit under a supervisor (supervisor.py)."""

    def __init__(self, process: subprocess.Popen[bytes], stdout: Path, stderr: Path) -> None:
        """Take the supervisor; its stdin is the pipe that holds it alive."""
        self._process = process
        self.stdout = stdout
        self.stderr = stderr

    def wait(self, timeout_seconds: float | None = None) -> int | None:
        """See `Driver.wait`."""
        try:
            return self._process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, grace_seconds: float = supervisor.GRACE_SECONDS) -> None:
        """See `Driver.stop`."""
        pipe = self._process.stdin
        if pipe is not None and not pipe.closed:
            with suppress(OSError):  # it has ended by itself
                pipe.write(str(grace_seconds).encode())
                pipe.flush()
            with suppress(OSError):
                pipe.close()
        self._process.wait()


class LocalLauncher:
    """Starts spark-submit with `--master local[n]`."""

    def __init__(self, python: Path, cores: int = CORES) -> None:
        """Take the interpreter that has pyspark, and how many cores a run has."""
        self._submit = python.parent / "spark-submit"
        self._cores = cores

    def launch(self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> LocalDriver:
        """See `Launcher.launch`."""
        stdout, stderr = folder / "stdout", folder / "stderr"
        command = [str(self._submit), "--master", f"local[{self._cores}]", *arguments]
        if not self._submit.exists():
            msg = f"there is no spark-submit at {self._submit}; run `make setup`"
            raise LaunchError(msg)
        try:
            with stdout.open("wb") as out, stderr.open("wb") as err:
                process = subprocess.Popen(  # noqa: S603  # what the user asks for, as the user
                    [sys.executable, supervisor.__file__, *command],
                    cwd=folder,
                    env=dict(environment),
                    stdin=subprocess.PIPE,
                    stdout=out,
                    stderr=err,
                    start_new_session=True,
                )
        except OSError as error:
            msg = f"spark-submit cannot be started: {error}"
            raise LaunchError(msg) from None
        return LocalDriver(process, stdout, stderr)


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
