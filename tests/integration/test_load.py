"""The stories of load and marts, told to LocalStack's S3 and the warehouse's server through the Data API."""

import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from app.stack.stack import Stack
from runtime.aws import client
from runtime.objects import S3Objects
from runtime.settings import Settings
from runtime.warehouse import Warehouse
from tests.support.lake import flight_event, partial
from tests.support.load_stories import LoadStories
from tests.support.mart_stories import MartStories
from tests.support.marts import Project, build_marts
from tests.support.world import World
from warehouse.models.build import create_tables
from warehouse.models.statements import names

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def settings(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Name a lake of the test's own on the session's stack."""
    assert all(server.is_ready for server in stack.status())
    monkeypatch.setenv("MILLRACE_LAKE", f"lake-{uuid4().hex[:8]}")
    return Settings.from_env()


@pytest.fixture
def world(settings: Settings) -> World:
    """Give every test an empty bucket and empty tables."""
    client("s3", settings).create_bucket(Bucket=settings.lake)
    warehouse = Warehouse(settings)
    tables = [*names("schema"), *Project().marts()]
    warehouse.batch([f"drop table if exists {name}" for name in tables])
    assert create_tables(warehouse) == names("schema")
    return World(S3Objects(settings), warehouse, settings.lake)


class TestLoad(LoadStories):
    """The suite of the load."""


class TestMarts(MartStories):
    """The suite of tables, dimensions and marts."""


@pytest.mark.parametrize("step", [pytest.param("before"), pytest.param("after")])
def test_a_loader_that_is_killed_loses_nothing_and_doubles_nothing(world: World, step: str) -> None:
    """SIGKILL before its batch is sent, and while it runs: the next loader brings what is missing."""
    world.lake.flights([flight_event("scheduled", -900), flight_event("departed", 20)], [partial(10, 5, 20)])
    with subprocess.Popen(  # a module of ours
        [sys.executable, "-m", "tests.integration.dying_loader", step],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"stopped\n"
        process.kill()
    world.loader().load_waiting()
    assert world.loader().load_waiting().batches == 0
    build_marts(world.warehouse)
    assert world.count("etl_ledger") == 1
    assert world.rows("select scheduled, departed from mart_daily_on_time") == [(1, 1)]
    assert world.rows("select departures, on_time from mart_worst_hours") == [(10, 5)]
