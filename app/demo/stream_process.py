"""The stream as a process of its own beside the demo."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from app.commands.stream import STREAMING
from app.errors import StandError
from app.wiring import CLOCK

STOP_SECONDS = 30.0
POLL_SECONDS = 0.1
_NO_METRICS = {"MILLRACE_METRICS_PORT": "0"}
"""Unless the user names a port: a demo must not fail because another program has the usual one."""


class StreamEndedError(StandError):
    """The stream's process ended before everything was streamed."""

    def __init__(self, last_words: str, log: Path) -> None:
        """Keep its last words, and where its log is."""
        super().__init__(last_words, log)
        self.last_words = last_words
        self.log = log

    def __str__(self) -> str:
        """Say what it said, and where its log is."""
        return f"the stream ended too early: {self.last_words or 'no word'}; its log is {self.log}"


class StreamProcess:
    """`millrace stream --until-drained`, ended with the block that started it, whatever happens there."""

    def __init__(self, log: Path) -> None:
        """Write what it says to `log`."""
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it."""
        command = [sys.executable, "-c", "from app.cli import main; main()", "stream", "--until-drained"]
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603  # our own command
                command,
                env=_NO_METRICS | os.environ,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it where it still runs: by SIGTERM, after the batch at hand, then by SIGKILL."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()

    def wait_until_streaming(self) -> None:
        """Return when it has claimed its shards.

        Raises:
            StreamEndedError: It ended before.
        """
        while STREAMING not in self._log.read_text(encoding="utf-8", errors="replace"):
            if not self.is_running():
                raise self._ended()
            CLOCK.sleep(POLL_SECONDS)

    def is_running(self) -> bool:
        """Return whether it has not ended."""
        return self._process is not None and self._process.poll() is None

    def check(self) -> None:
        """Return when it has ended well.

        Raises:
            StreamEndedError: It ended with an error.
        """
        if self._process and self._process.wait():
            raise self._ended()

    def _ended(self) -> StreamEndedError:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return StreamEndedError(next((line for line in reversed(lines) if line.strip()), ""), self._log)
