"""A function that gets no concurrency for a while: what waits meanwhile must come through afterwards."""

from datetime import timedelta
from typing import Any

from app import wiring

LEAST_THROTTLES = 3


class Throttle:
    """Keeps a function from running until it was refused a few times.

    **On failure**: `end` gives the concurrency back; the mapping goes on where it was.
    """

    def __init__(self, function: str) -> None:
        """Throttle nothing yet."""
        self._function = function
        self._lambda = wiring.cloud("lambda")
        self._cloudwatch = wiring.cloud("cloudwatch")
        self._is_on = False
        self._since = wiring.CLOCK.now()
        self._before = 0

    def begin(self) -> None:
        """Take all concurrency from the function."""
        self._since = wiring.CLOCK.now() - timedelta(minutes=2)
        self._before = self._total()
        self._is_on = True  # before it is so: `end` must undo a request whose answer was lost
        self._lambda.put_function_concurrency(FunctionName=self._function, ReservedConcurrentExecutions=0)

    def look(self) -> None:
        """Give it back once the function was refused often enough."""
        if self._is_on and self.throttles() >= LEAST_THROTTLES:
            self.end()

    def end(self) -> None:
        """Give it back."""
        if self._is_on:
            self._lambda.delete_function_concurrency(FunctionName=self._function)
            self._is_on = False

    def throttles(self) -> int:
        """Return how often the function was refused since `begin`."""
        return self._total() - self._before

    def _total(self) -> int:
        now = wiring.CLOCK.now()
        answer: Any = self._cloudwatch.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName="Throttles",
            Dimensions=[{"Name": "FunctionName", "Value": self._function}],
            StartTime=self._since,
            EndTime=now + timedelta(minutes=1),
            Period=60,
            Statistics=["Sum"],
        )
        return sum(int(point["Sum"]) for point in answer["Datapoints"])
