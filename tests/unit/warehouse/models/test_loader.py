"""What one load is made of: its statements, its COPY manifests, and what it asks and remembers."""

import json
from itertools import pairwise
from typing import Any

import pytest

from contracts.lake import MANIFESTS
from pipelines.windows import WINDOWS
from runtime.objects import MemoryObjects
from runtime.warehouse import StatementFailedError
from tests.support.lake import flight_event, observation, partial
from tests.support.world import World
from tests.unit.warehouse.models.test_load import memory_world
from tests.unit.warehouse.models.twin import MemoryWarehouse
from warehouse.models import loader as loader_module
from warehouse.models.errors import NothingToLoadError, UnreadableManifestError

MOST_STATEMENTS = 40
"""Of one BatchExecuteStatement (AWS: quotas of the Redshift Data API)."""

LARGEST_STATEMENT = 100_000
"""Bytes of one statement (as above)."""


class Counting(MemoryObjects):
    """Objects that remember which were read."""

    def __init__(self, name: str) -> None:
        """Take the store of that name."""
        super().__init__(name)
        self.read: list[str] = []

    def get(self, key: str) -> bytes:
        """See `Objects.get`."""
        self.read.append(key)
        return super().get(key)


@pytest.fixture
def world() -> World:
    """Give every test a lake and a warehouse of its own."""
    return memory_world()


def batches(world: World) -> list[list[str]]:
    """Return what the warehouse was given since its tables were made."""
    assert isinstance(world.warehouse, MemoryWarehouse)
    return world.warehouse.batches[1:]


def entries(world: World, batch: list[str]) -> dict[str, Any]:
    """Return the entries of each COPY's manifest, by the table that it fills."""
    copies = [sql.split() for sql in batch if sql.startswith("copy ")]
    keys = {words[1]: words[3].strip("'").removeprefix("s3://lake/") for words in copies}
    return {table: json.loads(world.objects.get(key))["entries"] for table, key in keys.items()}


def test_a_load_is_one_batch_that_locks_first_and_writes_the_ledger_last(world: World) -> None:
    """Whatever fails in between, the ledger says nothing."""
    world.lake.flights([flight_event("departed", 20)], windows=WINDOWS)
    world.lake.weather([observation(0, 30.0)])
    world.loader().load_waiting()
    (batch,) = batches(world)
    assert batch[0] == "lock etl_ledger"
    assert batch[-1].endswith("from stage_batch")
    assert "insert into etl_ledger" in batch[-1]
    assert [sql.split()[1] for sql in batch if sql.startswith("copy ")] == [
        "stage_flight_event",
        "stage_observation",
        "stage_airport_hour",
        "stage_delay_bucket",
        "stage_departure_minute",
        "stage_aircraft_session",
    ]
    assert len(batch) <= MOST_STATEMENTS


def test_a_load_of_as_many_batches_as_may_be_keeps_within_the_quotas(world: World) -> None:
    """And what does not fit waits for the next one."""
    for _ in range(loader_module.MOST_BATCHES + 1):
        world.lake.rejects(10**15)
    loader = world.loader()
    assert [loader.load_waiting().batches for _ in range(3)] == [loader_module.MOST_BATCHES, 1, 0]
    assert max(len(sql) for sql in batches(world)[0]) < LARGEST_STATEMENT


def test_a_copy_is_told_each_file_and_its_length(world: World) -> None:
    """Redshift asks for the length of Parquet files; all files must be there."""
    world.lake.flights([flight_event("departed", 20)])
    world.lake.flights([flight_event("arrived", 90)], [partial(1, 0, 20)])
    world.loader().load_waiting()
    copied = entries(world, batches(world)[0])
    assert [len(copied[table]) for table in ("stage_flight_event", "stage_airport_hour")] == [2, 1]
    for entry in (each for found in copied.values() for each in found):
        key = entry["url"].removeprefix("s3://lake/")
        assert entry["mandatory"] is True
        assert entry["meta"]["content_length"] == len(world.objects.get(key))


def test_what_has_no_files_is_not_copied(world: World) -> None:
    """An empty manifest is an error on Redshift."""
    world.lake.rejects(1)
    world.loader().load_waiting()
    assert not [sql for sql in batches(world)[0] if sql.startswith("copy ")]


def test_a_load_that_is_tried_again_writes_the_same_manifests(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their names follow from the batches, so a retry overwrites its own and leaves nothing behind."""
    world.lake.flights([flight_event("departed", 20)], [partial(1, 0, 20)])

    def refuse(_warehouse: object, sqls: list[str]) -> None:
        raise StatementFailedError("ABORTED", "killed", sqls[0])

    with monkeypatch.context() as patch:
        patch.setattr(MemoryWarehouse, "batch", refuse)
        with pytest.raises(StatementFailedError, match="ended a statement as ABORTED: killed; SQL: lock"):
            world.loader().load_waiting()
    written = {key: world.objects.get(key) for key in world.objects.keys("loads/")}
    assert len(written) == 2
    assert world.loader().load_waiting().batches == 1
    assert {key: world.objects.get(key) for key in world.objects.keys("loads/")} == written


def test_what_is_known_to_be_loaded_is_not_read_again() -> None:
    """However many manifests there are: neither the lake nor the ledger is asked about them."""
    world = memory_world(Counting)
    objects, warehouse = world.objects, world.warehouse
    assert isinstance(objects, Counting)
    assert isinstance(warehouse, MemoryWarehouse)
    loader = world.loader()
    seen = []
    for number in range(3):
        world.lake.flights([flight_event("departed", number)])
        loader.load_waiting()
        loader.load_waiting()
        manifests = [key for key in objects.read if key.startswith(MANIFESTS)]
        seen.append((len(manifests), len([sql for sql in warehouse.queries if "etl_ledger" in sql])))
    assert [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(seen)] == [(1, 1), (1, 1)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"<html>", "JSONDecodeError", id="no JSON"),
        pytest.param(b"{}", "KeyError", id="another object"),
        pytest.param(b"[]", "TypeError", id="a list"),
    ],
)
def test_an_object_that_is_no_manifest_stops_the_load(world: World, data: bytes, reason: str) -> None:
    """It is named; nothing is loaded, since something else writes to this lake."""
    world.lake.flights([flight_event("departed", 20)])
    world.objects.put("manifests/odd", data)
    message = f"no manifest under key `manifests/odd`: {reason}.*; remove the object, then load again"
    with pytest.raises(UnreadableManifestError, match=message):
        world.loader().load_waiting()
    assert batches(world) == []


def test_dimensions_without_a_reference_are_an_error(world: World) -> None:
    """The object that is missing is named, and the warehouse is not asked."""
    with pytest.raises(NothingToLoadError, match=r"nothing to load under `reference/airlines\.parquet`"):
        world.loader().load_dimensions()
    assert batches(world) == []
