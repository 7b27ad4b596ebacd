"""dbt-redshift as it is, on the warehouse's own port: the application's models, and every materialization."""

import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app import wiring
from app.commands.bootstrap import prepare
from app.stack.dbt import PROJECT, DbtFailedError, Done, build_models, write_docs
from app.stack.settings import StandSettings
from pipelines.windows import WINDOWS
from runtime.settings import Settings
from tests.support.dbt import Dbt
from tests.support.lake import Row, flight_event
from tests.support.marts import Project
from tests.support.world import World

pytestmark = pytest.mark.timeout(600)
MARTS = [
    "fct_carrier_day",
    "mart_aircraft_days",
    "mart_busiest_quarters",
    "mart_daily_on_time",
    "mart_delay_propagation",
    "mart_delay_quantiles",
    "mart_departures_15min",
    "mart_weather_impact",
    "mart_worst_hours",
]
FIRST_DAY, SECOND_DAY = "2013-02-08", "2013-02-09"


@pytest.fixture
def filled(world: Settings) -> World:
    """Give a warehouse with its dimensions, and a day's flights in it."""
    prepare(world)
    filled = World(wiring.lake(world), wiring.warehouse(world), world.lake)
    bring(filled, [flight_event("departed", minute, minute + 1) for minute in range(12)])
    return filled


def bring(world: World, events: Iterable[Row]) -> None:
    """Have the stream deliver events in a batch of their own, and load it."""
    world.lake.flights(list(events), windows=WINDOWS)
    assert world.loader().load_waiting().batches == 1


def a_day_later(event: Row) -> Row:
    """Return the same flight of the next day."""
    times = ("event_time", "time_hour", "scheduled_departure")
    return (
        event
        | {"event_id": f"{event['event_id']}-2"}
        | {name: event[name] + timedelta(days=1) for name in times}
    )


def assert_as_modelled(world: World) -> None:
    """Assert that every mart is what its model's query gives at this moment."""
    for name, query in Project().marts().items():
        found = world.rows(f"select * from {name}")  # noqa: S608  # ours
        assert found, name
        assert found == world.rows(query), name


@pytest.mark.long
def test_the_marts_follow_the_loads(world: Settings, stand: StandSettings, filled: World) -> None:
    """Days without news are not counted again, days with news whole; planes keep what they were."""
    seen: list[Done] = []
    assert build_models(world, stand, seen.append) == MARTS
    assert [each.number for each in seen] == list(range(1, seen[-1].total + 1))
    assert_as_modelled(filled)

    bring(filled, [a_day_later(flight_event("departed", minute, minute + 1)) for minute in range(3)])
    filled.warehouse.query("update fact_flight set loaded_at = dateadd(hour, -2, loaded_at)")
    filled.warehouse.query("update fct_carrier_day set loaded_at = dateadd(hour, -1, loaded_at)")
    bring(filled, [a_day_later(flight_event("departed", 40, 40))])
    filled.warehouse.query("update fct_carrier_day set on_time = -1")
    filled.warehouse.query("update dim_plane set seats = seats + 1 where tail_number = 'N14228'")
    build_models(world, stand, lambda _done: None)
    counted = filled.rows("select flight_date, scheduled, on_time from fct_carrier_day")
    assert counted == [(FIRST_DAY, 12, -1), (SECOND_DAY, 4, 3)]
    states = filled.rows("select seats, dbt_valid_to is null from plane_history where tail_number = 'N14228'")
    assert [is_valid for _, is_valid in states] == [False, True]
    assert states[1][0] == states[0][0] + 1

    filled.warehouse.query(f"delete from fct_carrier_day where flight_date = '{FIRST_DAY}'")  # noqa: S608  # ours
    dbt = Dbt(world, stand, PROJECT, stand.home / "dbt")
    dbt.run("build", "--select", "fct_carrier_day+", "--full-refresh", "--exclude-resource-type", "unit_test")
    assert_as_modelled(filled)


@pytest.mark.long
def test_data_that_cannot_be_is_told_and_marts_stay(
    world: Settings, stand: StandSettings, filled: World
) -> None:
    """A flight of an airline that is not there: the test is named, what reads flights stays as it was."""
    build_models(world, stand, lambda _done: None)
    bring(filled, [flight_event("departed", 20, 77, carrier="XX")])
    before = filled.rows("select * from mart_daily_on_time")
    with pytest.raises(DbtFailedError, match=r"`dbt build` failed: .*relationships_stg_flights_carrier"):
        build_models(world, stand, lambda _done: None)
    assert filled.rows("select * from mart_daily_on_time") == before


def test_a_warehouse_that_lets_nobody_in_is_told(world: Settings, stand: StandSettings) -> None:
    """The password is wrong, or nobody listens."""
    with pytest.raises(DbtFailedError, match="password authentication failed"):
        build_models(world, replace(stand, database_password="Wrong-1"), lambda _done: None)  # noqa: S106
    with pytest.raises(DbtFailedError, match=r"(?i)refused"):
        build_models(world, replace(stand, warehouse_wire_port=9), lambda _done: None)


@pytest.mark.long
def test_the_models_units_and_docs(
    world: Settings, stand: StandSettings, filled: World, tmp_path: Path
) -> None:
    """Every unit test of dbt's passes; the docs hold columns as the warehouse has them."""
    assert filled.warehouse
    dbt = Dbt(world, stand, PROJECT, stand.home / "dbt")
    dbt.run("run", "--empty")
    results = dbt.run("test", "--select", "test_type:unit")
    assert len(results) == 8
    assert set(results.values()) == {"pass"}
    page = write_docs(world, stand, tmp_path / "docs").read_text(encoding="utf-8")
    assert "mart_departures_15min" in page
    assert "character varying" in page


WORKSHOP = Path(__file__).parent / "dbt_project"
_CHANGED_JOBS = """\
job_id,mechanic_id,opened_at,updated_at,status,hours
1,1,2026-01-01 08:00:00,2026-01-01 12:00:00,done,2.50
2,1,2026-01-01 13:00:00,2026-01-01 18:00:00,done,9.00
3,2,2026-01-02 09:30:00,2026-01-04 16:00:00,done,4.00
4,2,2026-01-02 10:00:00,2026-01-02 11:00:00,done,1.25
6,3,2026-01-04 08:00:00,2026-01-04 08:00:00,open,
"""
"""Job 3 is done, job 5 is gone, job 6 is new."""

_ALONE = ("--threads", "1")
"""What one bound view reads is not rebuilt at once: DuckDB sees a conflict where Redshift has none."""

_ONCE: dict[str, list[tuple[Any, ...]]] = {
    "select mechanic_id, full_name, jobs, hours, job_ids from {}.hours_by_mechanic": [
        (1, "Ada O'Hara", 2, "11.50", "1,2"),
        (2, "Ben Ruiz", 2, "1.25", "3,4"),
        (3, "Cleo Smith, Jr.", 1, "0.00", "5"),
    ],
    "select mechanic_id, open_jobs from {}.idle_hands": [(1, 0), (2, 1), (3, 1)],
    "select last_job, jobs from {}.seen_in_builds": [(5, 5)],
    "select job_id, status from {}.jobs_replaced": [
        *((1, "done"), (2, "done"), (3, "open"), (4, "done"), (5, "open"))
    ],
    "select job_id, status, hours from {}.jobs_synced where job_id < 4": [
        *((1, "done", "2.50"), (2, "done", "9.00"), (3, "open", None))
    ],
    "select job_id from {}.jobs_by_day": [(1,), (2,), (3,), (4,), (5,)],
    "select opened_on, jobs from {}.day_totals": [*(("2026-01-01", 2), ("2026-01-02", 2), ("2026-01-03", 1))],
    "select job_id from {}_failures.nobody_works_nine_hours": [(2,)],
}
_TWICE: dict[str, list[tuple[Any, ...]]] = {
    "select mechanic_id, full_name, hours from {}.promised_hours": [
        (1, "Ada O'Hara", "11.50"),
        (2, "Ben Ruiz", "5.25"),
        (3, "Cleo Smith, Jr.", "0.00"),
    ],
    "select mechanic_id, open_jobs from {}.idle_hands": [(1, 0), (2, 0), (3, 1)],
    "select last_job, jobs from {}.seen_in_builds": [(5, 5), (6, 5)],
    "select job_id, status, hours from {}.jobs_replaced": [
        *((1, "done", None), (2, "done", None), (3, "done", "4.00")),
        *((4, "done", None), (5, "open", None), (6, "open", None)),
    ],
    "select job_id, status, first_status from {}.jobs_merged": [
        *((1, "done", "done"), (2, "done", "done"), (3, "done", "open")),
        *((4, "done", "done"), (5, "open", "open"), (6, "open", "open")),
    ],
    "select * from {}.jobs_synced": [
        *((1, "done", "late"), (2, "done", "late"), (3, "done", "late")),
        *((4, "done", "late"), (5, "open", None), (6, "open", "late")),
    ],
    "select job_id, status from {}.jobs_by_day": [
        *((1, "done"), (2, "done"), (3, "done"), (4, "done"), (6, "open"))
    ],
    "select opened_on, jobs from {}.day_totals": [*(("2026-01-01", 2), ("2026-01-02", 2), ("2026-01-04", 1))],
    "select job_id, status from {}.late_binding": [
        *((1, "done"), (2, "done"), (3, "done"), (4, "done"), (6, "open"))
    ],
    "select job_id, status from {}_history.status_history where dbt_valid_to is null": [
        *((1, "done"), (2, "done"), (3, "done"), (4, "done"), (6, "open"))
    ],
    "select job_id, status from {}_history.status_history where dbt_valid_to is not null": [
        *((3, "open"), (5, "open"))
    ],
    "select job_id, status from {}_history.update_history where dbt_valid_to is not null": [(3, "open")],
    "select count(*) from {}_history.update_history": [(7,)],
}
_TOLD: dict[str, list[tuple[Any, ...]]] = {
    "select description from pg_description join pg_class on objoid = pg_class.oid "
    "where relname in ('stg_jobs', 'promised_hours') and description like '%''%'": [
        ("Hours under a contract: $$ and 'quotes' stay as they are",),
        ("Jobs; it's one row a job, at $1 or more",),
        ('The job\'s key: a "number"',),
    ],
    "select identity_name, privilege_type from svv_relation_privileges "
    "where namespace_name = '{0}' and relation_name = 'jobs_merged_at' and identity_name = '{0}_guest'": [
        ("{}_guest", "SELECT")
    ],
}


@pytest.mark.long
@pytest.mark.parametrize(
    ("schema", "datasharing"),
    [pytest.param("workshop", False, id="catalogue"), pytest.param("shared", True, id="SHOW")],
)
def test_every_materialization_is_built_twice(
    world: Settings, stand: StandSettings, tmp_path: Path, schema: str, *, datasharing: bool
) -> None:
    """With changed data and columns between; tables of the second build are as Redshift would have them."""
    project = tmp_path / "project"
    shutil.copytree(WORKSHOP, project)
    dbt = Dbt(world, stand, project, tmp_path / "target", schema, datasharing)
    first = dbt.run("build", *_ALONE, "--event-time-start", "2026-01-01", "--event-time-end", "2026-01-05")
    _check(world, schema, _ONCE)

    (project / "seeds" / "jobs.csv").write_text(_CHANGED_JOBS, encoding="utf-8")
    days = ("--event-time-start", "2026-01-02", "--event-time-end", "2026-01-05")
    second = dbt.run("build", *_ALONE, "--vars", "{is_wide: true}", *days)
    _check(world, schema, _TWICE)
    _check(world, schema, _TOLD)
    for each in (first, second):
        assert each.pop("nobody_works_nine_hours") == "warn"
        assert set(each.values()) == {"success", "pass"}
    state = tmp_path / "state"
    shutil.copytree(tmp_path / "target", state)
    # SHOW TABLES fails where a schema is not there yet, and dbt asks for all before it makes its own.
    cloned = replace(dbt, schema=f"{schema}_clone", target=tmp_path / "clone", datasharing=False)
    cloned.run("clone", "--select", "promised_hours", "--state", str(state), "--vars", "{is_wide: true}")
    hours = "select mechanic_id, full_name, hours from {}.promised_hours"
    _check(world, f"{schema}_clone", {hours: _TWICE[hours]})


def _check(settings: Settings, schema: str, expected: dict[str, list[tuple[Any, ...]]]) -> None:
    warehouse = wiring.warehouse(settings)
    for sql, wanted in expected.items():
        found = sorted(warehouse.query(sql.format(schema)).rows, key=str)
        told = [
            tuple(each.format(schema) if isinstance(each, str) else each for each in row) for row in wanted
        ]
        assert found == told, sql
