"""Whatever dies, nothing is lost and nothing is counted twice: every fact and mart still equals the source.

Each story replays a day of flights and weather with its faults, and ends in a reconciliation; `make
soak-stream` tells longer ones.
"""

import json
import signal
import subprocess
import sys
from datetime import date
from typing import Any

import psutil
import pytest

from app import wiring
from app.commands.bootstrap import prepare
from app.stack.stack import Stack
from contracts.lake import manifest_key
from contracts.manifest import RangeManifest
from pipelines.driver.checkpoints import DynamoCheckpoints
from pipelines.driver.plan import RangePlan
from runtime.settings import Settings
from runtime.warehouse import StatementFailedError, Warehouse
from tests.support.faulty_stream import Harm
from tests.support.reconciled import STREAM, assert_equal, counts, injected, load, send
from tests.support.waiting import until
from warehouse.models.loader import Loader

pytestmark = pytest.mark.timeout(300)
DAY = date(2013, 2, 8)
TABLES = ("etl_ledger", "fact_flight", "fact_weather", "agg_airport_hour")


def count(settings: Settings, table: str) -> int:
    """Return how many rows a table of the warehouse has."""
    rows = wiring.warehouse(settings).query(f"select count(*) from {table}").rows  # noqa: S608  # ours
    return int(rows[0][0])


@pytest.mark.parametrize(
    ("step", "times"),
    [
        pytest.param("planned", 2, id="after the plan", marks=pytest.mark.long),
        pytest.param("ran", 1, id="after the run", marks=pytest.mark.long),
        pytest.param("committed", 2, id="inside the commit, one shard committed and others not"),
    ],
)
def test_a_stream_killed_by_sigkill_is_started_again(world: Settings, step: str, times: int) -> None:
    """The next one adopts the plans, writes the same objects, and finishes."""
    prepare(world)
    sent = send(world, DAY)
    killed = subprocess.run([sys.executable, "-m", "tests.e2e.killed_stream", step, str(times)], check=False)
    assert killed.returncode == -signal.SIGKILL
    load(world)
    subprocess.run(STREAM, check=True, capture_output=True)
    load(world)
    assert_equal(world, DAY)
    assert counts(world) == injected(sent)


def test_a_stream_that_is_told_to_end_finishes_its_batch(world: Settings) -> None:
    """SIGTERM as soon as something is planned: that is run, committed and counted, and the next goes on."""
    prepare(world)
    send(world, DAY)
    lake = wiring.lake(world)
    with subprocess.Popen(STREAM, stdout=subprocess.PIPE, text=True) as process:
        until(lambda: list(lake.keys("plans/")))
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    ranges = [RangePlan.from_json(lake.get(key)).shard_range for key in lake.keys("plans/")]
    manifests = [RangeManifest.from_json(lake.get(manifest_key(each))) for each in ranges]
    assert said.splitlines()[-1].startswith(f"{sum(each.records for each in manifests):,} records;")
    for shard, last in {(each.stream, each.shard_id): each.last for each in ranges}.items():
        assert DynamoCheckpoints(world).claim(*shard).after.sequence_number == last
    subprocess.run(STREAM, check=True, capture_output=True)
    load(world)
    assert_equal(world, DAY)


def test_two_streams_by_mistake_do_no_harm(world: Settings) -> None:
    """The later takes the shards over; the earlier stops with one line that says so."""
    prepare(world)
    with subprocess.Popen(STREAM, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout
        assert "streaming" in first.stdout.readline()
        with subprocess.Popen(STREAM, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as second:
            assert second.stdout
            assert "streaming" in second.stdout.readline()
            send(world, DAY)
            _, first_error = first.communicate(timeout=120)
            _, second_error = second.communicate(timeout=120)
    assert (first.returncode, second.returncode) == (1, 0), (first_error, second_error)
    assert "another stream has taken over" in first_error
    load(world)
    assert_equal(world, DAY)


class KillingWarehouse(Warehouse):
    """A client that kills the warehouse's process as soon as a load has started there."""

    def __init__(self, settings: Settings, process: psutil.Process) -> None:
        """Take whom to kill."""
        super().__init__(settings)
        self._process = process

    def _wait(self, statement: str, sql: str) -> dict[str, Any]:
        if "insert into etl_ledger" not in sql:
            return super()._wait(statement, sql)
        until(lambda: self._api.describe_statement(Id=statement)["Status"] == "STARTED")
        self._process.kill()
        self._process.wait()
        raise KilledError


class KilledError(Exception):
    """The warehouse is dead, as it should be."""


def test_a_warehouse_killed_inside_a_load_is_started_again(world: Settings, stack: Stack) -> None:
    """What was in the transaction is rolled back whole; the next load brings all of it, once."""
    prepare(world)
    send(world, DAY)
    subprocess.run(STREAM, check=True, capture_output=True)
    process = next(each for each in stack.servers if each.name == "warehouse").process()
    assert process
    with pytest.raises(KilledError):
        Loader(wiring.lake(world), KillingWarehouse(world, process), world.lake).load_waiting()
    assert stack.up() == ["warehouse"]
    for table in TABLES:
        assert count(world, table) == 0
    load(world)
    assert_equal(world, DAY)


def test_a_load_that_fails_half_way_leaves_nothing(world: Settings) -> None:
    """A file that is gone fails the whole batch; once it is back, the load goes through."""
    prepare(world)
    send(world, DAY)
    subprocess.run(STREAM, check=True, capture_output=True)
    lake = wiring.lake(world)
    key = next(iter(lake.keys("partials/")))
    data = lake.get(key)
    lake.delete(key)
    with pytest.raises(StatementFailedError, match=key):
        load(world)
    for table in TABLES:
        assert count(world, table) == 0
    lake.put(key, data)
    load(world)
    assert_equal(world, DAY)


def test_a_border_that_fails_lies_and_waits(world: Settings) -> None:
    """Kinesis and S3 refuse, answers are lost, iterators expire, the clock jumps: all of it at once."""
    prepare(world)
    harm = Harm(
        seed=2013,
        kinesis_errors=0.1,
        expired=0.1,
        s3_errors=0.05,
        s3_seconds=0.05,
        lost_answers=0.2,
        clock_hours=48,
    )
    sent = send(world, DAY)
    done = subprocess.run(harm.command(), check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    faults = json.loads(done.stderr.splitlines()[-1])
    assert faults.keys() >= {"lost answer", "SlowDown", "ExpiredIteratorException"}
    load(world)
    assert_equal(world, DAY)
    assert counts(world) == injected(sent)
