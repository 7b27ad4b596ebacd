"""What slices found: invocations with their times, deliveries with their records."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.turns import Gap


@dataclass(frozen=True, slots=True)
class Invocations:
    """Invocations through the API.

    Attributes:
        peer: Its name.
        case: What was done.
        milliseconds: Of each, as the client saw it.
        init_milliseconds: Init Duration of each that reported one.
        environments: How many took part.
        wall_seconds: Of all together.
        cpu_seconds: Of the server's process tree, functions included; None where some of them are gone.
    """

    peer: str
    case: str
    milliseconds: Sequence[float]
    init_milliseconds: Sequence[float]
    environments: int
    wall_seconds: float
    cpu_seconds: float | None

    @property
    def p50(self) -> float:
        """Median, in milliseconds."""
        return percentile(self.milliseconds, 0.5)

    @property
    def p99(self) -> float:
        """In milliseconds."""
        return percentile(self.milliseconds, 0.99)

    @property
    def init(self) -> float:
        """Median of Init Duration, in milliseconds; no number where none was reported."""
        return percentile(self.init_milliseconds, 0.5) if self.init_milliseconds else math.nan

    @property
    def cpu_milliseconds(self) -> float:
        """CPU for an invocation; no number where it is not known."""
        if self.cpu_seconds is None:
            return math.nan
        return self.cpu_seconds / len(self.milliseconds) * 1000


@dataclass(frozen=True, slots=True)
class Delivery:
    """A stream's records through a mapping.

    Attributes:
        peer: Its name.
        case: What was done.
        put: Records that waited in the stream when the mapping was made.
        arrived: Records that the function got in time.
        batches: In how many invocations.
        environments: How many took part.
        first_seconds: From CreateEventSourceMapping to the end of the first batch.
        seconds: To the end of the last, or all the time that there was.
        cpu_seconds: Of the server's process tree, functions included.
    """

    peer: str
    case: str
    put: int
    arrived: int
    batches: int
    environments: int
    first_seconds: float
    seconds: float
    cpu_seconds: float

    @property
    def records_a_second(self) -> float:
        """From CreateEventSourceMapping on."""
        return self.arrived / self.seconds

    @property
    def cpu_microseconds(self) -> float:
        """CPU for a record."""
        return self.cpu_seconds / self.arrived * 1e6


@dataclass(frozen=True, slots=True)
class Results:
    """What one run found."""

    invocations: list[Invocations] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def invoked(self, figure: Callable[[Invocations], float], peer: str, case: str) -> float | None:
        """Return the median over the slices of a peer's case, or None where there is none."""
        return _middle([figure(each) for each in self.invocations if (each.peer, each.case) == (peer, case)])

    def delivered(self, figure: Callable[[Delivery], float], peer: str, case: str) -> float | None:
        """Return the median over the slices of a peer's case, or None where there is none."""
        return _middle([figure(each) for each in self.deliveries if (each.peer, each.case) == (peer, case)])

    def gap(self, peer: str, case: str) -> Gap | None:
        """Return why a peer has no figure of a case."""
        return next((each for each in self.gaps if each.peer == peer and each.case in (case, "all")), None)


def percentile(figures: Sequence[float], share: float) -> float:
    """Return the smallest figure that so large a share of all does not exceed.

    >>> percentile([3.0, 1.0, 2.0, 4.0], 0.5), percentile([3.0, 1.0, 2.0, 4.0], 0.99)
    (2.0, 4.0)
    """
    return sorted(figures)[max(0, math.ceil(share * len(figures)) - 1)]


def _middle(figures: Sequence[float]) -> float | None:
    numbers = [each for each in figures if not math.isnan(each)]
    return median(numbers) if numbers else None
