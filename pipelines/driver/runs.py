"""Runs of one pipeline, which is built and translated once: Beam takes longer for that than for a run.

`Pipeline.run` would do both each time. A graph has no place for what differs from run to run, so the plans of
the moment are handed over by name, within the process, to the graph's first step.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from uuid import uuid4

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.transforms.environments import EmbeddedPythonEnvironment

_plans: dict[str, Sequence[str]] = {}


class Runs:
    """One pipeline, from plans to what becomes of them."""

    def __init__(self, build: Callable[[Any], Any]) -> None:
        """Take what builds it: from a collection of plans, as JSON, to its end."""
        self._build = build
        self._name = uuid4().hex

    def run(self, plans: Sequence[str]) -> None:
        """Run it over these plans; what a step raises is raised."""
        _plans[self._name] = plans
        try:
            with _own_error():
                FnApiRunner().run_via_runner_api(self._graph, PipelineOptions([]))
        finally:
            del _plans[self._name]

    @cached_property
    def _graph(self) -> Any:
        pipeline = beam.Pipeline(runner=FnApiRunner(), options=PipelineOptions([]))
        # An impulse costs less than Beam's Create, which can be split: these few must not be.
        self._build(pipeline | beam.Impulse() | "Plans of this run" >> beam.FlatMap(_of_run, self._name))
        return pipeline.to_runner_api(default_environment=EmbeddedPythonEnvironment.default())


def _of_run(_impulse: bytes, name: str) -> Sequence[str]:
    """Return the plans of a run: a function of the module, since a lambda would take a copy of them along."""
    return _plans[name]


@contextmanager
def _own_error() -> Iterator[None]:
    """Raise a pipeline's error itself: Beam says where it came from by a RuntimeError around it."""
    try:
        yield
    except RuntimeError as wrapped:
        raise (wrapped.__context__ or wrapped) from None
