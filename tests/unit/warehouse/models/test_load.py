"""The stories of load and marts, told to the engine in memory; and that no order of loading matters."""

from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.objects import MemoryObjects
from tests.support.lake import Row, flight_event
from tests.support.load_stories import LoadStories
from tests.support.mart_stories import MartStories
from tests.support.world import World
from tests.unit.warehouse.models.twin import MemoryWarehouse
from warehouse.models.build import create_tables

_NAMES = count()


def memory_world(kind: type[MemoryObjects] = MemoryObjects) -> World:
    """Make a world of its own, of objects of that kind."""
    objects = kind(f"load-{next(_NAMES)}")
    world = World(objects, MemoryWarehouse(objects), "lake")
    create_tables(world.warehouse)
    return world


class TestLoad(LoadStories, MartStories):
    """The suites against the engine in memory."""

    @pytest.fixture
    def world(self) -> World:
        """Give every test a lake and a warehouse of its own."""
        return memory_world()


_EVENTS = st.lists(
    st.tuples(st.sampled_from(("scheduled", "departed", "arrived")), st.integers(0, 60), st.integers(1, 2)),
    min_size=1,
    max_size=8,
    unique_by=lambda event: event[1],
)


@settings(max_examples=8, deadline=None)
@given(events=_EVENTS, data=st.data())
def test_no_order_of_loading_matters(events: list[tuple[str, int, int]], data: st.DataObject) -> None:
    """Events come in any order, cut into any loads: the fact is that of one load of them all."""
    rows = [
        flight_event(kind, minute, flight, destination=f"D{minute:02}", delay_minutes=60 - minute)
        for kind, minute, flight in events
    ]
    shuffled = data.draw(st.permutations(rows))
    cuts = data.draw(st.lists(st.integers(0, len(rows)), max_size=3).map(sorted))
    edges = [0, *cuts, len(rows)]
    loads = [shuffled[first:last] for first, last in pairwise(edges) if first < last]
    assert _facts(loads) == _facts([rows])


def _facts(loads: list[list[Row]]) -> list[tuple[Any, ...]]:
    world = memory_world()
    loader = world.loader()
    for events in loads:
        world.lake.flights(events)
        loader.load_waiting()
    return [row[:-1] for row in world.rows("select * from fact_flight")]  # loaded_at is the last
