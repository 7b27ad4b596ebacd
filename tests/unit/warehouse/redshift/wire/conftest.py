"""A warehouse's wire on a free port."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.warehouse.redshift.wire.client import DATABASE, PASSWORD, USER, Client
from warehouse.redshift.engine import Engine
from warehouse.redshift.wire.certificates import server_context
from warehouse.redshift.wire.connections import Connections
from warehouse.redshift.wire.server import WireServer
from warehouse.redshift.wire.startup import Doors

LIMIT = 200


@pytest.fixture(scope="session")
def tls_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder for certificates, which are made once."""
    return tmp_path_factory.mktemp("tls")


@pytest.fixture
def connections() -> Connections:
    """Give an empty list of clients."""
    return Connections(LIMIT)


@pytest.fixture
def wire(engine: Engine, tls_folder: Path, connections: Connections) -> Iterator[WireServer]:
    """Give a server that clients find."""
    tls = server_context(tls_folder)
    server = WireServer(0, engine, Doors(DATABASE, USER, PASSWORD, tls, connections))
    server.start()
    yield server
    server.close()


@pytest.fixture
def client(wire: WireServer) -> Iterator[Client]:
    """Give a client that was let in."""
    with Client(wire.port) as client:
        assert client.enter()[-1] == ("Z", b"I")
        yield client
