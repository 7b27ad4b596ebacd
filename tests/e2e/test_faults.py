"""Whatever dies, nothing is lost and nothing is counted twice: every fact and mart still equals the source.

Each story replays a day of flights and weather with its faults, and ends in a reconciliation. What the Spark
job writes is left to the demo's story.
"""

import signal
import subprocess
import sys
from datetime import date

import pytest

from app import wiring
from app.commands.bootstrap import prepare
from app.reconcile.reconcile import Reconciliation, reconcile
from app.replay.faults import FaultPlan
from app.replay.replay import ReplayResult, Speed, outgoing, run
from app.stack.stack import Stack
from contracts.lake import MANIFESTS
from contracts.manifest import RangeManifest
from runtime.settings import Settings
from runtime.warehouse import StatementFailedError
from warehouse.models.build import build_marts
from warehouse.models.loader import Loader

pytestmark = pytest.mark.timeout(300)
DAY = date(2013, 2, 8)
STREAM = [sys.executable, "-c", "from app.cli import main; main()", "stream", "--until-drained"]


def send(settings: Settings) -> ReplayResult:
    """Replay the day."""
    return run(
        records=outgoing(DAY, DAY),
        kinesis=wiring.producer(),
        objects=wiring.lake(settings),
        speed=Speed(),
        plan=FaultPlan(duplicate_share=0.02),
        clock=wiring.CLOCK,
    )


def load(settings: Settings) -> None:
    """Load all that waits, and build the marts."""
    warehouse = wiring.warehouse(settings)
    loader = Loader(wiring.lake(settings), warehouse, settings.lake)
    while loader.load_waiting().batches:
        pass
    build_marts(warehouse)


def checked(settings: Settings) -> Reconciliation:
    """Return the reconciliation without the Spark job's table."""
    found = reconcile(wiring.warehouse(settings).query, DAY, DAY)
    checks = tuple(check for check in found.checks if check.table != "agg_carrier_day")
    return Reconciliation(checks, found.events_lost, found.events_twice)


def counts(settings: Settings) -> tuple[int, int, int]:
    """Return records, duplicates and rejects of all manifests."""
    lake = wiring.lake(settings)
    manifests = [RangeManifest.from_json(lake.get(key)) for key in lake.keys(MANIFESTS)]
    return (
        sum(each.records for each in manifests),
        sum(each.duplicates for each in manifests),
        sum(each.rejects for each in manifests),
    )


@pytest.mark.parametrize(
    ("step", "count"),
    [
        pytest.param("planned", 2, id="after the plan"),
        pytest.param("ran", 1, id="after the run"),
        pytest.param("committed", 2, id="inside the commit, one shard committed and others not"),
    ],
)
def test_a_stream_killed_by_sigkill_is_started_again(world: Settings, step: str, count: int) -> None:
    """The next one adopts the plans, writes the same objects, and finishes."""
    prepare(world)
    sent = send(world)
    killed = subprocess.run([sys.executable, "-m", "tests.e2e.killed_stream", step, str(count)], check=False)
    assert killed.returncode == -signal.SIGKILL
    load(world)
    subprocess.run(STREAM, check=True, capture_output=True)
    load(world)
    assert checked(world).is_equal, checked(world).differences[:5]
    injected = (sum(sent.sent.values()), len(sent.faults.duplicates), len(sent.faults.malformed))
    assert counts(world) == injected


def test_two_streams_by_mistake_do_no_harm(world: Settings) -> None:
    """The later takes the shards over; the earlier stops with one line that says so."""
    prepare(world)
    with subprocess.Popen(STREAM, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout
        assert "streaming" in first.stdout.readline()
        with subprocess.Popen(STREAM, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as second:
            assert second.stdout
            assert "streaming" in second.stdout.readline()
            send(world)
            _, first_error = first.communicate(timeout=120)
            _, second_error = second.communicate(timeout=120)
    assert (first.returncode, second.returncode) == (1, 0), (first_error, second_error)
    assert "another stream has taken over" in first_error
    load(world)
    found = checked(world)
    assert found.is_equal, [(c.table, len(c.differences), c.differences[:3]) for c in found.checks]


def test_a_warehouse_killed_inside_a_load_is_started_again(world: Settings, stack: Stack) -> None:
    """What was in the transaction is rolled back; the next load brings all of it, once."""
    prepare(world)
    send(world)
    subprocess.run(STREAM, check=True, capture_output=True)
    server = next(each for each in stack.servers if each.name == "warehouse")
    process = server.process()
    assert process
    loading = subprocess.Popen(
        [sys.executable, "-c", "from app.cli import main; main()", "load"], stderr=subprocess.PIPE, text=True
    )
    wal = server.home / "warehouse" / "warehouse.duckdb.wal"
    while not wal.exists() and loading.poll() is None:
        pass
    process.kill()
    process.wait()
    _, error = loading.communicate(timeout=60)
    assert loading.returncode == 0 or error.startswith("millrace: ")
    stack.up()
    load(world)
    found = checked(world)
    assert found.is_equal, [(c.table, len(c.differences), c.differences[:3]) for c in found.checks]


def test_a_load_that_fails_half_way_leaves_nothing(world: Settings) -> None:
    """A file that is gone fails the whole batch; once it is back, the load goes through."""
    prepare(world)
    send(world)
    subprocess.run(STREAM, check=True, capture_output=True)
    lake = wiring.lake(world)
    key = next(iter(lake.keys("partials/")))
    data = lake.get(key)
    lake.delete(key)
    with pytest.raises(StatementFailedError, match=key):
        load(world)
    for table in ("etl_ledger", "fact_flight", "fact_weather", "agg_airport_hour"):
        counted = wiring.warehouse(world).query(f"select count(*) from {table}")  # noqa: S608  # ours
        assert counted.rows == ((0,),)
    lake.put(key, data)
    load(world)
    found = checked(world)
    assert found.is_equal, [(c.table, len(c.differences), c.differences[:3]) for c in found.checks]
