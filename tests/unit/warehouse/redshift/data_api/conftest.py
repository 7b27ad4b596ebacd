"""The Data API of an empty warehouse, and its clock."""

from collections.abc import Iterator

import pytest

from tests.unit.warehouse.redshift.data_api.support import HandClock
from warehouse.redshift.data_api.operations import DataApi
from warehouse.redshift.data_api.requests import Cluster
from warehouse.redshift.data_api.statement import Statement
from warehouse.redshift.engine import Engine


@pytest.fixture
def clock() -> HandClock:
    """Give a clock that tests move."""
    return HandClock()


@pytest.fixture
def events() -> list[Statement]:
    """Give what EventBridge is told of."""
    return []


@pytest.fixture
def api(engine: Engine, clock: HandClock, events: list[Statement]) -> Iterator[DataApi]:
    """Give the Data API of an empty warehouse."""
    api = DataApi(engine, Cluster("millrace", "dev"), events.append, clock)
    yield api
    api.close()
