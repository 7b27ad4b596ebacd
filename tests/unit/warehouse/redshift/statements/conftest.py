"""A client of an empty warehouse."""

from collections.abc import Iterator

import pytest

from tests.unit.warehouse.redshift.statements.client import Client
from warehouse.redshift.engine import Engine


@pytest.fixture
def client(engine: Engine) -> Iterator[Client]:
    """Give a session that runs a statement at a time."""
    session = engine.session("")
    yield Client(session)
    session.close()
