"""One pipeline, run again and again: each run is over its own plans."""

import apache_beam as beam
import pytest

from pipelines.driver.runs import Runs

ran: list[str] = []


class BrokenPlanError(Exception):
    """What a step raises."""


def note(plan: str) -> None:
    """Keep a plan, or fail."""
    if plan == "broken":
        raise BrokenPlanError
    ran.append(plan)


def test_each_run_is_over_its_own_plans() -> None:
    """Of its own pipeline, and after a run that failed, whose error is the step's own."""
    ran.clear()
    one, other = (Runs(lambda plans: plans | beam.Map(note)) for _ in range(2))
    one.run(["a", "b"])
    other.run(["c"])
    with pytest.raises(BrokenPlanError):
        one.run(["broken"])
    one.run(["d"])
    assert ran == ["a", "b", "c", "d"]
