"""Windows all the way: real flights as partials in the lake, loaded, made into marts, against the source."""

from datetime import date

import pyarrow as pa
import pytest

from app.reconcile.comparison import by_key, compare
from app.reconcile.expected import KEYS, TOLERANCES, expected
from app.reconcile.reconcile import _select
from app.replay.replay import outgoing
from contracts.parse import parse_flight_event
from contracts.rejects import Reject
from contracts.schema import FLIGHT_FIELDS
from contracts.streams import FLIGHT_EVENTS_STREAM
from pipelines.windows import WINDOWS
from runtime.warehouse import Rows
from tests.support.marts import build_marts
from tests.support.world import World
from tests.unit.warehouse.models.test_load import memory_world

DAY = date(2013, 2, 7)
RANGES = 5


@pytest.fixture(scope="module")
def source() -> dict[str, Rows]:
    """Compute what must come out."""
    return expected([DAY])


@pytest.fixture(scope="module")
def filled() -> World:
    """Load a day's events, dealt to ranges so that every window has revisions."""
    parsed = [
        parse_flight_event(each.data) for each in outgoing(DAY, DAY) if each.stream == FLIGHT_EVENTS_STREAM
    ]
    names = pa.schema(FLIGHT_FIELDS).names
    events = [{name: each[name] for name in names} for each in parsed if not isinstance(each, Reject)]
    world = memory_world()
    for number in range(RANGES):
        world.lake.flights(events[number::RANGES], windows=WINDOWS)
    world.loader().load_waiting()
    build_marts(world.warehouse)
    return world


@pytest.mark.parametrize(
    "table",
    [
        "agg_airport_hour",
        "mart_delay_quantiles",
        "mart_departures_15min",
        "mart_busiest_quarters",
        "mart_aircraft_days",
    ],
)
def test_every_window_is_what_the_source_says(filled: World, source: dict[str, Rows], table: str) -> None:
    """Counts exactly, quantiles within 1 %: though each window came in pieces."""
    key = KEYS[table]
    rows = filled.warehouse.query(_select(table, source[table].columns, [DAY]))
    check = compare(table, by_key(key, source[table]), by_key(key, rows), TOLERANCES.get(table, {}))
    assert check.differences == ()
    assert check.actual_rows == check.expected_rows > 0
    ((batches,),) = filled.rows("select count(distinct batch_id) from agg_delay_bucket")
    assert batches == RANGES
