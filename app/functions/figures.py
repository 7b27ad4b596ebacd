"""What functions did: counted by CloudWatch, timed by their logs, priced by AWS's table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from app import wiring
from app.functions.log_lines import LogReader
from app.functions.prices import prices
from app.functions.report_lines import Report, parse_report

_COUNTED_FOR = timedelta(hours=24)
_AGE_FOR = timedelta(minutes=24)


@dataclass(frozen=True, slots=True)
class FunctionFigures:
    """What one function did in the last day.

    Attributes:
        name: Of the function.
        invocations: That ran.
        errors: Of these, those that failed.
        throttles: Invocations that were refused.
        cold_starts: Invocations that an environment was initialised for.
        p50_ms: Median of the handler's duration; None where it has not run.
        p99_ms: The same, 99th percentile.
        iterator_age_ms: The largest of the last 24 minutes; None where no stream is mapped to it.
        cost_usd: What the invocations would have cost on AWS.
    """

    name: str
    invocations: int
    errors: int
    throttles: int
    cold_starts: int
    p50_ms: float | None
    p99_ms: float | None
    iterator_age_ms: float | None
    cost_usd: float


@dataclass(slots=True)
class _Followed:
    architecture: str
    log: LogReader
    reports: list[tuple[datetime, Report]] = field(default_factory=list)


class FunctionWatch:
    """Looks at all functions again and again; their logs are read on, not anew."""

    def __init__(self) -> None:
        """Know no function yet."""
        self._lambda = wiring.cloud("lambda")
        self._cloudwatch = wiring.cloud("cloudwatch")
        self._logs = wiring.cloud("logs")
        self._followed: dict[str, _Followed] = {}

    def look(self) -> list[FunctionFigures]:
        """Return the figures of every function, by name."""
        pages = self._lambda.get_paginator("list_functions").paginate()
        functions = {each["FunctionName"]: each for page in pages for each in page["Functions"]}
        return [self._figures(name, functions[name]) for name in sorted(functions)]

    def _figures(self, name: str, function: dict[str, Any]) -> FunctionFigures:
        if name not in self._followed:
            (architecture,) = function.get("Architectures") or ["x86_64"]
            since = wiring.CLOCK.now() - _COUNTED_FOR
            self._followed[name] = _Followed(architecture, LogReader(self._logs, name, since))
        followed = self._followed[name]
        followed.reports += [
            (line.at, report) for line in followed.log.read() if (report := parse_report(line.text))
        ]
        oldest = wiring.CLOCK.now() - _COUNTED_FOR
        followed.reports = [each for each in followed.reports if each[0] >= oldest]
        reports = [report for _, report in followed.reports]
        invocations = int(self._statistic(name, "Invocations", "Sum", _COUNTED_FOR) or 0)
        return FunctionFigures(
            name=name,
            invocations=invocations,
            errors=int(self._statistic(name, "Errors", "Sum", _COUNTED_FOR) or 0),
            throttles=int(self._statistic(name, "Throttles", "Sum", _COUNTED_FOR) or 0),
            cold_starts=sum(report.init_ms is not None for report in reports),
            p50_ms=_percentile(reports, 50),
            p99_ms=_percentile(reports, 99),
            iterator_age_ms=self._statistic(name, "IteratorAge", "Maximum", _AGE_FOR),
            cost_usd=prices().cost(
                invocations, sum(report.gb_seconds for report in reports), followed.architecture
            ),
        )

    def _statistic(self, name: str, metric: str, statistic: str, lately: timedelta) -> float | None:
        now = wiring.CLOCK.now()
        points = self._cloudwatch.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName=metric,
            Dimensions=[{"Name": "FunctionName", "Value": name}],
            StartTime=now - lately,
            EndTime=now + timedelta(minutes=1),
            Period=int(lately.total_seconds() // 24),
            Statistics=[statistic],
        )["Datapoints"]
        values = [float(point[statistic]) for point in points]
        if not values:
            return None
        return sum(values) if statistic == "Sum" else max(values)


def _percentile(reports: Sequence[Report], percent: float) -> float | None:
    if not reports:
        return None
    return round(float(np.percentile([report.duration_ms for report in reports], percent)), 2)
