"""A slice: some work of one peer, with its wall time and the CPU time of its server."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.kinesis.running import Running
from benchmarks.running import CLOCK
from benchmarks.turns import Gap


@dataclass(frozen=True, slots=True)
class Slice:
    """One measurement.

    Attributes:
        peer: Its name.
        case: As `--case` takes it, with what was done.
        level: Records that were to be retained.
        retained: Records that were retained at its start.
        records: Put or read.
        data_bytes: Put or read.
        wall_seconds: As the client saw it.
        cpu_seconds: Of the server's process tree, user and system.
    """

    peer: str
    case: str
    level: int
    retained: int
    records: int
    data_bytes: int
    wall_seconds: float
    cpu_seconds: float

    @property
    def records_a_second(self) -> float:
        """Wall rate."""
        return self.records / self.wall_seconds

    @property
    def megabytes_a_second(self) -> float:
        """Wall rate of the data, in millions of bytes."""
        return self.data_bytes / self.wall_seconds / 1e6

    @property
    def cpu_microseconds(self) -> float:
        """CPU of the server for a record."""
        return self.cpu_seconds / self.records * 1e6


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory of a peer's process tree before and after records were retained."""

    peer: str
    records: int
    before_bytes: int
    after_bytes: int


@dataclass(frozen=True, slots=True)
class Results:
    """What one run found."""

    slices: list[Slice] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    memory: list[Memory] = field(default_factory=list)

    def middle(self, figure: Callable[[Slice], float], peer: str, case: str, level: int = 0) -> float | None:
        """Return the median over the slices of a peer's case, or None where there are none.

        Level 0 is any level.
        """
        figures = [
            figure(each)
            for each in self.slices
            if (each.peer, each.case) == (peer, case) and level in (0, each.level)
        ]
        return median(figures) if figures else None


@dataclass(frozen=True, slots=True)
class Work:
    """What a slice is about.

    Attributes:
        case: As in `Slice`.
        level: As in `Slice`.
        record_bytes: Data of each record.
    """

    case: str
    level: int
    record_bytes: int


def timed(running: Running, work: Work, retained: int, steps: Sequence[Callable[[], int]]) -> Slice:
    """Run steps, each of which returns how many records it put or read, and weigh them."""
    cpu, started = running.cpu_seconds(), CLOCK.monotonic()
    records = sum(step() for step in steps)
    wall = CLOCK.monotonic() - started
    return Slice(
        peer=running.peer.name,
        case=work.case,
        level=work.level,
        retained=retained,
        records=records,
        data_bytes=records * work.record_bytes,
        wall_seconds=wall,
        cpu_seconds=running.cpu_seconds() - cpu,
    )
