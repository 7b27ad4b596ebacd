"""The REPORT lines that Lambda writes for each invocation.

https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html shows them.
"""

import re
from dataclasses import dataclass

_REPORT = re.compile(
    r"REPORT RequestId: (?P<request>\S+)\t"
    r"Duration: (?P<duration>[\d.]+) ms\t"
    r"Billed Duration: (?P<billed>\d+) ms\t"
    r"Memory Size: (?P<memory>\d+) MB\t"
    r"Max Memory Used: \d+ MB"
    r"(?:\tInit Duration: (?P<init>[\d.]+) ms)?"
)


@dataclass(frozen=True, slots=True)
class Report:
    """One invocation, as its line tells of it.

    Attributes:
        duration_ms: Of the handler.
        billed_ms: What AWS bills, the initialisation included.
        memory_mib: What the function has.
        init_ms: Of the initialisation; None where the environment was warm.
    """

    duration_ms: float
    billed_ms: int
    memory_mib: int
    init_ms: float | None

    @property
    def gb_seconds(self) -> float:
        """Memory times billed time, which AWS's price is for."""
        return self.memory_mib / 1024 * self.billed_ms / 1000


def parse_report(line: str) -> Report | None:
    r"""Return what a line of the log tells; None where it is no REPORT.

    >>> parse_report(
    ...     "REPORT RequestId: 1\tDuration: 12.30 ms\tBilled Duration: 113 ms\tMemory Size: 128 MB\t"
    ...     "Max Memory Used: 40 MB\tInit Duration: 100.50 ms"
    ... )
    Report(duration_ms=12.3, billed_ms=113, memory_mib=128, init_ms=100.5)
    """
    found = _REPORT.match(line)
    if found is None:
        return None
    init = found["init"]
    return Report(
        float(found["duration"]),
        int(found["billed"]),
        int(found["memory"]),
        None if init is None else float(init),
    )
