"""The backfill: nothing is written where nothing changed, and exactly what differs where a bug was mended."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import parquet

from contracts.events import FlightEvent, FlightKey
from contracts.lake import MANIFESTS
from contracts.manifest import RangeManifest
from pipelines import flights as pipeline
from pipelines.backfill import ArchiveDamagedError, Backfill, concerns_all, within
from pipelines.legs import RangeEvents
from pipelines.sessions import aircraft_sessions
from pipelines.windows import WINDOWS, Window, airport_hours
from runtime.objects import MemoryObjects
from tests.unit.pipelines.driver.worlds import SCHEDULED, World, drain

FLIGHTS_A_RANGE, RANGES = 6, 5


def departure(flight: int) -> bytes:
    """A departure of one of three aircraft, an hour behind the flight before it."""
    at = SCHEDULED + timedelta(hours=flight)
    key = FlightKey("UA", flight, "EWR", at)
    return FlightEvent(key, "departed", at, "IAH", f"N{flight % 3}", at, flight % 50).to_json()


def streamed() -> World:
    """A world whose archive has several ranges of each shard; the last two belong to a child of the first."""
    world = World()
    driver = world.driver()
    for turn in range(RANGES):
        numbers = range(turn * FLIGHTS_A_RANGE, (turn + 1) * FLIGHTS_A_RANGE)
        for number in numbers:
            world.source.put(departure(number), f"N{number % 3}")
        drain(driver, len(numbers))
        if turn == RANGES // 2:
            world.source.split(world.source.shards()[0].shard_id)
    driver.close()
    return world


def snapshot(world: World) -> dict[str, bytes]:
    """All objects of its lake."""
    return {key: world.objects.get(key) for key in world.objects.keys("")}


def backfill(world: World, windows: tuple[Window, ...] = WINDOWS) -> tuple[Backfill, list[RangeManifest]]:
    """A backfill of its lake, whose stream has the name that it has in a demo, and all its ranges."""
    found = Backfill(world.objects, windows, stream_name=world.name)
    return found, found.ranges()


def patched(dataset: str, partials: Callable[[RangeEvents], pa.Table]) -> tuple[Window, ...]:
    """The windows, one of them with a bug."""
    return tuple(replace(each, partials=partials) if each.dataset == dataset else each for each in WINDOWS)


def miscounted(batch: RangeEvents) -> pa.Table:
    """Hours in which the flights 10 to 12 are left out."""
    events = batch.events
    return airport_hours(
        replace(batch, events=events.filter(pc.invert(pc.is_in(events["flight"], pa.array([10, 11, 12])))))
    )


def misrouted(batch: RangeEvents) -> pa.Table:
    """Sessions whose routes end in a mark, in ranges with flight 8 or a later one."""
    table = aircraft_sessions(batch)
    if not batch.events.num_rows or pc.max(batch.events["flight"]).as_py() < 8:
        return table
    routes = pc.binary_join_element_wise(table["route"], "?", "")
    return table.set_column(table.schema.get_field_index("route"), "route", routes)


@pytest.fixture
def world() -> World:
    """A world streamed."""
    return streamed()


def test_unchanged_data_is_left_as_it_is(world: World) -> None:
    """Every object comes out byte for byte, and none is written; a second time, too."""
    before = snapshot(world)
    for _ in range(2):
        work, ranges = backfill(world)
        done: list[int] = []
        assert work.run(ranges, done.append) == []
        assert sum(done) == len(ranges) > RANGES
    assert snapshot(world) == before


def test_every_object_is_in_its_manifest(world: World) -> None:
    """With its digest: the state, too."""
    named = {each.key for manifest in world.manifests() for each in manifest.objects}
    others = ("plans/", MANIFESTS)
    assert named == {key for key in world.objects.keys("") if not key.startswith(others)}


def test_a_mended_bug_rewrites_exactly_what_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hours that were miscounted, and the manifests that name them."""
    monkeypatch.setattr(pipeline, "WINDOWS", patched("partials", miscounted))
    world = streamed()
    monkeypatch.undo()
    before = snapshot(world)
    work, ranges = backfill(world)
    changed = work.run(ranges)
    after = snapshot(world)
    differing = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert {each.key for each in changed} == {key for key in differing if key.startswith("partials/")}
    assert {each.dataset for each in changed} == {"partials"}
    assert 0 < len(changed) < len(ranges)
    assert len(changed) == len(differing) / 2  # and as many manifests
    assert world.departures() == RANGES * FLIGHTS_A_RANGE
    assert not concerns_all(changed)
    work, ranges = backfill(world)
    assert work.run(ranges) == []


def test_a_window_that_is_told_no_more_is_removed(world: World) -> None:
    """Its object goes, and its manifest does not name it."""

    def of_none(batch: RangeEvents) -> pa.Table:
        return airport_hours(replace(batch, events=batch.events.slice(0, 0)))

    work, ranges = backfill(world, patched("partials", of_none))
    work.run(ranges)
    assert not list(world.objects.keys("partials/partials/"))
    assert all(each.dataset != "partials" for manifest in world.manifests() for each in manifest.objects)


def test_sessions_that_differ_concern_all_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of one range are taken back by a later one: only together they add up."""
    monkeypatch.setattr(pipeline, "WINDOWS", patched("aircraft_sessions", misrouted))
    world = streamed()
    monkeypatch.undo()
    work, ranges = backfill(world)
    early = within(ranges, SCHEDULED, SCHEDULED + timedelta(hours=5))
    assert early
    assert not work.run(early)
    assert any("?" in route for route in routes(world))
    changed = work.run(within(ranges, SCHEDULED + timedelta(hours=12), SCHEDULED + timedelta(hours=13)))
    assert concerns_all(changed)
    work.run(work.ranges())
    assert not any("?" in route for route in routes(world))
    work, ranges = backfill(world)
    assert work.run(ranges) == []


def routes(world: World) -> list[str]:
    """All that sessions say of themselves."""
    keys = world.objects.keys("partials/aircraft_sessions/")
    tables = (parquet.read_table(BytesIO(world.objects.get(key))) for key in keys)
    return [route for table in tables for route in table["route"].to_pylist()]


class DyingObjects(MemoryObjects):
    """Dies at its n-th change."""

    left = 10**9

    def __reduce__(self) -> tuple[type["DyingObjects"], tuple[str]]:
        """Travel as one that dies."""
        return DyingObjects, (self._name,)

    def put(self, key: str, data: bytes) -> None:
        """Count, and die."""
        self._count()
        super().put(key, data)

    def delete(self, key: str) -> None:
        """As `put`."""
        self._count()
        super().delete(key)

    def _count(self) -> None:
        type(self).left -= 1
        if type(self).left < 0:
            raise OSError


def test_a_backfill_that_dies_anywhere_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between an object and its manifest, too: what is in the manifest is what is loaded."""
    monkeypatch.setattr(pipeline, "WINDOWS", patched("partials", miscounted))
    world = streamed()
    monkeypatch.undo()
    work, ranges = backfill(world)
    dying = DyingObjects(world.name)
    deaths = 0
    for changes in range(100):
        monkeypatch.setattr(DyingObjects, "left", changes % 4)
        try:
            Backfill(dying, stream_name=world.name).run(ranges)
        except OSError:
            deaths += 1
        else:
            break
    assert deaths > 2
    monkeypatch.setattr(DyingObjects, "left", 10**9)
    assert work.run(work.ranges()) == []
    assert world.departures() == RANGES * FLIGHTS_A_RANGE


@pytest.mark.parametrize(
    ("prefix", "harm", "said"),
    [
        pytest.param("events/", None, "is missing", id="events that are gone"),
        pytest.param("events/", b"other", "SHA-256", id="events that are others"),
        pytest.param("state/", None, "is missing", id="state that is gone"),
        pytest.param("plans/", None, "is missing", id="a plan that is gone"),
        pytest.param("manifests/", b"{}", "is no manifest", id="a manifest that is none"),
    ],
)
def test_a_damaged_archive_is_named(world: World, prefix: str, harm: bytes | None, said: str) -> None:
    """By the object, in one line; what is whole stays as it is."""
    key = next(iter(world.objects.keys(prefix)))
    before = snapshot(world)
    world.objects.delete(key)
    if harm is not None:
        world.objects.put(key, harm)
    work = Backfill(world.objects, stream_name=world.name)
    with pytest.raises(ArchiveDamagedError, match=said) as error:
        work.run(work.ranges())
    assert key in str(error.value)
    world.objects.put(key, before[key])
    assert snapshot(world) == before


def test_ranges_are_chosen_by_their_events(world: World) -> None:
    """Those that hold an event of the time, or may; all times together make all of them."""
    _, ranges = backfill(world)
    first, last = SCHEDULED, SCHEDULED + timedelta(hours=RANGES * FLIGHTS_A_RANGE)
    assert within(ranges, first, last) == ranges
    assert within(ranges, last, last + timedelta(days=9)) == []
    for since, until in pairwise(hours(first, last)):
        found = within(ranges, since, until)
        assert found
        assert all(each.first_event and each.first_event < until for each in found)


def hours(first: datetime, last: datetime) -> Iterator[datetime]:
    """Every hour."""
    assert first.tzinfo == UTC
    while first <= last:
        yield first
        first += timedelta(hours=1)
