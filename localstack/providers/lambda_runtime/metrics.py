"""Lambda's metrics, gathered so that they cost one request a second, whatever the number of invocations.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

type Statistics = dict[str, float]
"""As CloudWatch takes it: SampleCount, Sum, Minimum, Maximum."""


@dataclass(slots=True)
class _Function:
    running: int = 0
    values: dict[str, list[float]] = field(default_factory=dict)


class Metrics:
    """What the functions of one account and region did since it was last asked for.

    >>> metrics = Metrics()
    >>> with metrics.running("f"):
    ...     metrics.note("f", "Invocations", 1)
    >>> [(name, metric, statistics["Sum"]) for name, metric, statistics in metrics.take()]
    [('f', 'ConcurrentExecutions', 1), ('f', 'Invocations', 1)]
    >>> list(metrics.take())
    []
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._lock = Lock()
        self._functions: dict[str, _Function] = {}

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        """Count an invocation as one that runs."""
        with self._lock:
            function = self._functions.setdefault(name, _Function())
            function.running += 1
            function.values.setdefault("ConcurrentExecutions", []).append(function.running)
        try:
            yield
        finally:
            with self._lock:
                function.running -= 1

    def note(self, name: str, metric: str, value: float) -> None:
        """Note one value."""
        with self._lock:
            self._functions.setdefault(name, _Function()).values.setdefault(metric, []).append(value)

    def take(self) -> list[tuple[str, str, Statistics]]:
        """Return function, metric and statistics of what was noted since the last time."""
        taken = []
        with self._lock:
            for name, function in list(self._functions.items()):
                taken += [(name, metric, values) for metric, values in function.values.items()]
                function.values = {}
                if function.running:  # they go on into the next second
                    function.values["ConcurrentExecutions"] = [function.running]
                else:
                    del self._functions[name]
        return [(name, metric, _statistics(values)) for name, metric, values in taken]


def _statistics(values: list[float]) -> Statistics:
    return {
        "SampleCount": len(values),
        "Sum": sum(values),
        "Minimum": min(values),
        "Maximum": max(values),
    }


def datum(name: str, metric: str, statistics: Statistics) -> dict[str, Any]:
    """Return one entry of PutMetricData; as on AWS its one dimension is the function's name."""
    return {
        "MetricName": metric,
        "Dimensions": [{"Name": "FunctionName", "Value": name}],
        "Unit": "Milliseconds" if metric == "Duration" else "Count",
        "StatisticValues": statistics,
    }
