"""The border between EMR's APIs and the Spark that carries a run out: one way here, a cluster's there."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol


class Driver(Protocol):
    """A driver that was started, with all the processes that are its own.

    Attributes:
        stdout: File of what it prints.
        stderr: File of Spark's log and of its complaints.
    """

    stdout: Path
    stderr: Path

    def wait(self, timeout_seconds: float | None = None) -> int | None:
        """Return its exit code once it has ended; None where it still runs after `timeout_seconds`."""
        ...

    def stop(self, grace_seconds: float = 5.0) -> None:
        """Ask it to end, and end it after `grace_seconds`; return when no process of it is left."""
        ...


class Launcher(Protocol):
    """Where drivers run: on this machine alone, or on a standalone cluster."""

    def check(self, properties: Mapping[str, str]) -> None:
        """Refuse a driver whose properties ask for what there is no room for.

        Raises:
            RefusedError: They do.
        """
        ...

    def launch(self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> Driver:
        """Start a driver.

        Args:
            arguments: Of spark-submit, without `--master` and `--deploy-mode`: options, script, arguments.
            environment: The whole of it; nothing is inherited.
            folder: Of the run, its own: logs, scratch files.

        Raises:
            LaunchError: It cannot be started.
        """
        ...


class LaunchError(Exception):
    """A driver cannot be started; the message says why in a line."""
