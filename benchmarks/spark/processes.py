"""One program, from its start to its end: seconds, CPU of all its processes, and memory at its highest."""

import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

import psutil

from app.errors import StandError

_SAMPLE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Cost:
    """What a program cost.

    Attributes:
        seconds: From start to end.
        cpu_seconds: Of it and of what it started.
        peak_bytes: Resident memory of it and what it started, at its highest of what was seen.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int


def cost_of(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Cost:
    """Run a program and return what it cost.

    Raises:
        StandError: It ended with an error.
    """
    with log.open("wb") as output:
        began = perf_counter()
        process = subprocess.Popen(command, env=dict(environment), stdout=output, stderr=output)  # noqa: S603  # ours
        peak = _Peak(process.pid)
        peak.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        msg = f"{command[0]} ended with {process.returncode}; its log is {log}"
        raise StandError(msg)
    return Cost(seconds, usage.ru_utime + usage.ru_stime, peak.bytes)


class _Peak(threading.Thread):
    """Looks at the memory of a program until it has ended: what the kernel keeps begins with its parent's."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self.bytes = 0

    def run(self) -> None:
        with suppress(psutil.NoSuchProcess):  # it has ended
            process = psutil.Process(self._pid)
            while True:
                family = [process, *process.children(recursive=True)]
                self.bytes = max(self.bytes, sum(map(_resident_bytes, family)))
                sleep(_SAMPLE_SECONDS)


def _resident_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:  # it has ended in the meantime
        return 0
