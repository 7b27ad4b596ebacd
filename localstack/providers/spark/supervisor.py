"""Runs one command, and ends it with all its processes when the pipe on stdin is closed.

Whoever dies closes its pipes: so no Spark outlives the LocalStack that started it, however that ended.
The command has a session of its own; Spark's Python workers leave the process group, and not the session.

Usage: supervisor.py COMMAND…; a number on stdin is the grace in seconds; the exit code is the command's.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import psutil

GRACE_SECONDS = 5.0
_POLL_SECONDS = 0.05


def members(session: int) -> list[int]:
    """Return the processes of a session, without those that have ended and wait to be asked about."""
    found = []
    for pid in psutil.pids():
        with suppress(OSError, psutil.Error):
            if os.getsid(pid) == session and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.append(pid)
    return found


def end(session: int, grace_seconds: float) -> None:
    """Ask all processes of a session to end, and end them after the grace; return when none is left."""
    deadline = time.monotonic() + grace_seconds
    number = signal.SIGTERM
    _send(members(session), number)
    while left := members(session):
        if time.monotonic() > deadline:
            _send(left, signal.SIGKILL)
        time.sleep(_POLL_SECONDS)


def _send(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def main(command: list[str]) -> int:
    """Run a command to its end, or to that of stdin."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603  # its task

    def end_soon(*_: object) -> None:
        threading.Thread(target=end, args=(child.pid, GRACE_SECONDS)).start()

    def watch() -> None:
        told = b""
        while read := os.read(0, 64):
            told += read
        end(child.pid, float(told or GRACE_SECONDS))

    signal.signal(signal.SIGTERM, end_soon)
    threading.Thread(target=watch, daemon=True).start()
    code = child.wait()
    end(child.pid, GRACE_SECONDS)  # what it left behind
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
