"""The stream under every fault, one after the other and for longer: `make soak-stream`.

Each story ends in a reconciliation: every cell is as the source says, every record, copy and reject is there
once. MILLRACE_SOAK_SEED chooses other points to die at.
"""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from threading import Event, Thread
from typing import Any

import pytest

from app import wiring
from app.commands.bootstrap import prepare
from app.replay.faults import FaultPlan
from app.stack.stack import Stack
from contracts.streams import FLIGHT_EVENTS_STREAM
from runtime.settings import Settings
from tests.support.faulty_stream import Harm
from tests.support.reconciled import STREAM, assert_equal, counts, injected, load, send

SEED = int(os.environ.get("MILLRACE_SOAK_SEED", "2013"))
pytestmark = pytest.mark.timeout(900)

FIRST = date(2013, 3, 1)
DEATHS = 20
OPERATIONS = (
    "Kinesis.ListShards",
    "Kinesis.GetShardIterator",
    "Kinesis.GetRecords",
    "PUT plans",
    "PUT events",
    "PUT partials",
    "PUT rejects",
    "PUT state",
    "PUT manifests",
    "GET manifests",
    "DynamoDB.UpdateItem",
)
"""Of plan, run and commit."""

random = Random(SEED)  # noqa: S311  # repeatable on purpose
POINTS = [
    Harm(
        operation=OPERATIONS[(index + SEED) % len(OPERATIONS)],
        occurrence=random.randint(1, 2),
        moment=random.choice(("before", "after")),
    )
    for index in range(DEATHS)
]
OUTPUT: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}


def test_sigkill_at_twenty_points(world: Settings) -> None:
    """A stream dies at each in turn, and each time more has come; the last one does what is left."""
    prepare(world)
    days = [FIRST + timedelta(days=index) for index in range(DEATHS)]
    sent = []
    for day, point in zip(days, POINTS, strict=True):
        sent.append(send(world, day))
        died = subprocess.run(point.command(), check=False, capture_output=True, text=True)
        assert died.returncode == -signal.SIGKILL, (point, died.stderr)
        if random.random() < 1 / 2:
            load(world)
    subprocess.run(STREAM, check=True, capture_output=True)
    load(world)
    assert_equal(world, days[0], days[-1])
    assert counts(world) == injected(*sent)


@pytest.mark.parametrize(
    ("harm", "faults"),
    [
        pytest.param(
            Harm(kinesis_errors=0.2),
            {"InternalFailure", "ProvisionedThroughputExceededException"},
            id="Kinesis fails and throttles",
        ),
        pytest.param(Harm(expired=0.5), {"ExpiredIteratorException"}, id="iterators expire"),
        pytest.param(Harm(s3_seconds=0.5, s3_errors=0.1), {"SlowDown"}, id="S3 is slow"),
        pytest.param(Harm(lost_answers=0.2), {"lost answer"}, id="answers are lost"),
        pytest.param(Harm(clock_hours=48), set(), id="the clock jumps"),
    ],
)
def test_a_harm_while_two_days_come(world: Settings, harm: Harm, faults: set[str]) -> None:
    """The stream runs all the while, and ends as if nothing had been."""
    prepare(world)
    last = FIRST + timedelta(days=1)
    with subprocess.Popen(replace(harm, seed=SEED).command(), **OUTPUT) as stream:
        assert stream.stdout
        assert "streaming" in stream.stdout.readline()
        sent = send(world, FIRST, last, speed="7200")
        _, said = stream.communicate(timeout=300)
    assert stream.returncode == 0, said
    assert json.loads(said.splitlines()[-1]).keys() >= faults
    load(world)
    assert_equal(world, FIRST, last)
    assert counts(world) == injected(sent)


def test_shards_limited_as_on_aws(world: Settings) -> None:
    """Kinesis itself throttles reads and writes; both sides wait."""
    prepare(world)
    for name in wiring.cloud("kinesis").list_streams()["StreamNames"]:
        wiring.cloud("kinesis").add_tags_to_stream(StreamName=name, Tags={"millrace:limits": "on"})
    with subprocess.Popen(STREAM, **OUTPUT) as stream:
        sent = send(world, FIRST, FIRST + timedelta(days=6))
        _, said = stream.communicate(timeout=300)
    assert stream.returncode == 0, said
    load(world)
    assert_equal(world, FIRST, FIRST + timedelta(days=6))
    assert counts(world) == injected(sent)


def test_streams_that_start_beside_each_other(world: Settings) -> None:
    """Five, one after the other while records come: each takes over, the last one ends."""
    prepare(world)
    last = FIRST + timedelta(days=1)
    streams: list[subprocess.Popen[str]] = []

    def start() -> None:
        if len(streams) < 5:
            streams.append(subprocess.Popen(STREAM, **OUTPUT))

    with every(start, 4.0):
        sent = send(world, FIRST, last, speed="5400")
    said = [stream.communicate(timeout=300)[1] for stream in streams]
    assert [stream.returncode for stream in streams] == [1, 1, 1, 1, 0], said
    assert all("another stream has taken over" in each for each in said[:-1])
    load(world)
    assert_equal(world, FIRST, last)
    assert counts(world) == injected(sent)


def test_splits_and_merges_under_load(world: Settings) -> None:
    """Every two seconds a shard is split or two are merged; a stream dies amid it, and one more follows."""
    prepare(world)
    last = FIRST + timedelta(days=1)
    resharded: list[str] = []
    dies = Harm(operation="DynamoDB.UpdateItem", occurrence=30, moment="after")
    resharding = every(lambda: resharded.append(reshard(FLIGHT_EVENTS_STREAM)), 2.0)
    with resharding, subprocess.Popen(dies.command(), **OUTPUT) as died:
        sent = send(world, FIRST, last, speed="5400")
        _, said = died.communicate(timeout=300)
    assert died.returncode == -signal.SIGKILL, said
    assert {"split", "merge"} <= set(resharded)
    subprocess.run(STREAM, check=True, capture_output=True)
    load(world)
    assert_equal(world, FIRST, last)
    assert counts(world) == injected(sent)


def reshard(name: str) -> str:
    """Split the first open shard of a stream, or merge the first two where there are four or more."""
    kinesis = wiring.cloud("kinesis")
    if (
        kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamStatus"]
        != "ACTIVE"
    ):
        return "wait"
    shards = [
        each
        for each in kinesis.list_shards(StreamName=name)["Shards"]
        if "EndingSequenceNumber" not in each["SequenceNumberRange"]
    ]
    shards.sort(key=lambda each: int(each["HashKeyRange"]["StartingHashKey"]))
    if len(shards) >= 4:
        kinesis.merge_shards(
            StreamName=name, ShardToMerge=shards[0]["ShardId"], AdjacentShardToMerge=shards[1]["ShardId"]
        )
        return "merge"
    keys = shards[0]["HashKeyRange"]
    middle = (int(keys["StartingHashKey"]) + int(keys["EndingHashKey"])) // 2
    kinesis.split_shard(StreamName=name, ShardToSplit=shards[0]["ShardId"], NewStartingHashKey=str(middle))
    return "split"


def test_a_poison_storm(world: Settings) -> None:
    """The fuse ends the stream with one line; told to go on, it sets the storm aside and loses nothing."""
    prepare(world)
    sent = send(world, FIRST, plan=FaultPlan(seed=SEED, malformed=12_000))
    stopped = subprocess.run(STREAM, check=False, capture_output=True, text=True)
    assert stopped.returncode == 1
    assert "--most-rejects" in stopped.stderr
    subprocess.run([*STREAM, "--most-rejects", "1"], check=True, capture_output=True)
    load(world)
    assert_equal(world, FIRST)
    assert counts(world) == injected(sent)


def test_the_warehouse_killed_amid_loads(world: Settings, stack: Stack) -> None:
    """Ten times, at any moment of a load: what is there is whole batches, and in the end all of them once."""
    prepare(world)
    last = FIRST + timedelta(days=4)
    sent = send(world, FIRST, last)
    subprocess.run(STREAM, check=True, capture_output=True)
    failures = 0
    for _ in range(10):
        process = next(each for each in stack.servers if each.name == "warehouse").process()
        assert process
        killing = Killing(process.kill, random.uniform(0.05, 1.2))
        try:
            load(world)
        except Exception:  # noqa: BLE001  # whatever a client sees when its server dies
            failures += 1
        killing.wait()
        process.wait()
        stack.up()
        held = "select count(*) - count(distinct batch_id) from etl_ledger"
        assert wiring.warehouse(world).query(held).rows == ((0,),)
    assert failures
    load(world)
    assert_equal(world, FIRST, last)
    assert counts(world) == injected(sent)


class Killing:
    """A death on its way."""

    def __init__(self, kill: Callable[[], None], seconds: float) -> None:
        """Kill after so long."""
        self._due = Event()
        self._thread = Thread(target=self._run, args=(kill, seconds))
        self._thread.start()

    def _run(self, kill: Callable[[], None], seconds: float) -> None:
        self._due.wait(seconds)
        kill()

    def wait(self) -> None:
        """Return when it is done."""
        self._thread.join()


@contextmanager
def every(act: Callable[[], object], seconds: float) -> Iterator[None]:
    """Act at once and every so many seconds meanwhile; what it raises is raised at the end."""
    stopping, failures = Event(), []

    def go_on() -> None:
        try:
            act()
            while not stopping.wait(seconds):
                act()
        except Exception as failure:  # noqa: BLE001  # a thread has nobody above it
            failures.append(failure)

    thread = Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
    assert not failures, failures
