"""What work in a process of its own takes, measured from outside."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil

from app.errors import StandError
from benchmarks.running import cpu_seconds_of

SAMPLE_SECONDS = 0.02
"""Between two looks at the memory."""


class WorkFailedError(StandError):
    """A process ended before its work was done."""

    def __init__(self, stage: str, last_words: str) -> None:
        """Keep which, and its last words."""
        super().__init__(stage, last_words)
        self.stage = stage
        self.last_words = last_words

    def __str__(self) -> str:
        """Say which, and its last words."""
        return f"{self.stage} ended before it was done: {self.last_words or 'no word'}"


@dataclass(frozen=True, slots=True)
class Figures:
    """What one stage took at one size.

    Attributes:
        stage: Its name.
        events: How many went through.
        seconds: By the clock.
        cpu_seconds: Of its process and that process's children.
        server_cpu_seconds: Of LocalStack and the warehouse meanwhile.
        held_bytes: Resident memory of the process when it was ready, the events that it was given included.
        peak_bytes: The largest meanwhile.
        facts: What the work found out itself.
    """

    stage: str
    events: int
    seconds: float
    cpu_seconds: float
    server_cpu_seconds: float
    held_bytes: int
    peak_bytes: int
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    @property
    def cpu_rate(self) -> float:
        """Events a CPU second of the process."""
        return self.events / self.cpu_seconds

    @property
    def cpu_million(self) -> float:
        """CPU seconds of the process a million events."""
        return self.cpu_seconds / self.events * 1e6

    @property
    def grown_bytes(self) -> int:
        """By how much its memory grew at most."""
        return self.peak_bytes - self.held_bytes


def command_of(work: str, file: Path, events: int) -> list[str]:
    """Return the command of a function of this package, such as `parsing.at_once`."""
    return [sys.executable, "-m", "benchmarks.stream.child", work, str(file), str(events)]


def measured(
    stage: str, events: int, command: Sequence[str], log: Path, servers: Sequence[psutil.Process] = ()
) -> Figures:
    """Run a command that speaks as `benchmarks.stream.child` does, and measure it.

    **On failure**: the process and its children are ended.

    Raises:
        WorkFailedError: It ended before its work was done.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("wb") as errors,
        subprocess.Popen(  # noqa: S603  # our own
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as child,
        ThreadPoolExecutor(1) as pool,
    ):
        assert child.stdin  # noqa: S101  # asked for above
        assert child.stdout  # noqa: S101  # as above
        process = psutil.Process(child.pid)
        try:
            _line(stage, child.stdout, "ready", log)
            held, cpu, served = _memory(process), _cpu([process]), _cpu(servers)
            started = time.perf_counter()
            _say(child.stdin)
            done = pool.submit(_line, stage, child.stdout, "done", log)
            peak = max(held, *_memories(process, done))
            facts, ended = done.result()
            figures = Figures(
                stage,
                events,
                ended - started,
                _cpu([process]) - cpu,
                _cpu(servers) - served,
                held,
                peak,
                json.loads(facts),
            )
            _say(child.stdin)
        except BaseException:
            for each in _tree(process):
                with suppress(psutil.NoSuchProcess):
                    each.kill()
            raise
        return figures


def _say(to: IO[str]) -> None:
    to.write("\n")
    to.flush()


def _line(stage: str, lines: Iterator[str], word: str, log: Path) -> tuple[str, float]:
    """Return what follows a word, and when it was said; other lines are noise of libraries."""
    for line in lines:
        said, _, rest = line.rstrip("\n").partition(" ")
        if said == word:
            return rest, time.perf_counter()
    words = [each for each in log.read_text(encoding="utf-8", errors="replace").splitlines() if each.strip()]
    raise WorkFailedError(stage, words[-1] if words else "")


def _memories(process: psutil.Process, done: "Future[Any]") -> Iterator[int]:
    while not done.done():
        yield _memory(process)
        time.sleep(SAMPLE_SECONDS)
    yield _memory(process)


def _tree(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return [process, *process.children(recursive=True)]
    return []


def _memory(process: psutil.Process) -> int:
    total = 0
    for each in _tree(process):
        with suppress(psutil.NoSuchProcess):
            total += each.memory_info().rss
    return total


def _cpu(processes: Sequence[psutil.Process]) -> float:
    """Return the CPU time so far of processes and their children, those that ended included."""
    total = 0.0
    for each in (each for process in processes for each in _tree(process)):
        with suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            total += cpu_seconds_of(each) + times.children_user + times.children_system
    return total
