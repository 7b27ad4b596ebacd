"""One program, from its start to its end: seconds, CPU of all its processes, and memory at its highest."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from app.errors import StandError

_KIB = 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """What a program cost.

    Attributes:
        seconds: From start to end.
        cpu_seconds: Of it and of what it started.
        peak_bytes: Resident memory of its largest process.
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
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        msg = f"{command[0]} ended with {process.returncode}; its log is {log}"
        raise StandError(msg)
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _KIB)
