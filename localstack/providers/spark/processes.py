"""Commands under a supervisor (supervisor.py): whatever they start ends with them, and with LocalStack."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from localstack.providers.spark import supervisor
from localstack.providers.spark.launching import LaunchError


class Supervised:
    """A command that runs (see `Driver`)."""

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


def start(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Supervised:
    """Start a command in a folder, to which its output goes.

    Raises:
        LaunchError: It cannot be started.
    """
    stdout, stderr = folder / "stdout", folder / "stderr"
    if not Path(command[0]).exists():
        msg = f"there is no {Path(command[0]).name} at {command[0]}; run `make setup`"
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
        msg = f"{Path(command[0]).name} cannot be started: {error}"
        raise LaunchError(msg) from None
    return Supervised(process, stdout, stderr)
