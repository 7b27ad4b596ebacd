"""A stream that begins elsewhere than at its start, against the twins in memory."""

import pytest

from pipelines.driver.start import Start, StreamBegunError
from tests.unit.pipelines.driver.worlds import KilledError, World, departure, drain, once

NOON = 12.0
AT_NOON = Start("LATEST", 12_000)


@pytest.fixture
def world() -> World:
    """Give a stream with ten departures that arrived before noon."""
    world = World()
    for flight in range(1, 11):
        put(world, flight, NOON - 1)
    return world


def put(world: World, flight: int, arrives: float = NOON) -> None:
    """Put a departure, which arrives at that second."""
    world.source.put(departure(flight).to_json(), str(flight), arrives)


def test_what_came_before_is_left_out(world: World) -> None:
    """In every shard; what comes later is read once, by whoever goes on."""
    driver = world.driver(start=AT_NOON)
    for flight in range(11, 21):
        put(world, flight)
    drain(driver, 10)
    driver.close()
    put(world, 21)
    later = world.driver(start=Start("LATEST", 99_000))
    drain(later, 1)
    later.close()
    assert world.archived() == once(11, 21)
    afters = {str(manifest.shard_range.after)[:12] for manifest in world.manifests()}
    assert "AT_TIMESTAMP" in afters, "a first range begins at the moment, and is named after it"


def test_a_plan_means_the_same_after_a_death(world: World) -> None:
    """Whoever adopts it reads from the same moment, though it is LATEST no more."""
    driver = world.mortal("planned", start=AT_NOON)
    for flight in range(11, 21):
        put(world, flight)
    with pytest.raises(KilledError):
        drain(driver, 10)
    driver.close()
    later = world.driver()
    drain(later, 10)
    later.close()
    assert world.archived() == once(11, 20)


def test_a_child_shard_is_read_from_its_own_start(world: World) -> None:
    """Its parent held nothing since noon; what the children hold came later, all of it."""
    driver = world.driver(start=AT_NOON)
    for shard in world.source.shards():
        world.source.split(shard.shard_id)
    for flight in range(11, 31):
        put(world, flight)
    drain(driver, 20)
    driver.close()
    assert world.archived() == once(11, 30)


@pytest.mark.parametrize("start", [Start(), Start("AT_TIMESTAMP", 12_000)])
def test_a_stream_does_not_begin_twice(world: World, start: Start) -> None:
    """A start that is not where it began is refused, not ignored; none at all goes on."""
    world.driver(start=AT_NOON).close()
    with pytest.raises(StreamBegunError, match=r"began at LATEST \(1970-01-01T00:00:12.*leave --start away"):
        world.driver(start=start)
    world.driver().close()
