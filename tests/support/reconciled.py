"""Days of the source on their way through the stream, and the reconciliation that ends each story of faults.

What the Spark job writes is left to the demo's story.
"""

import sys
from datetime import date

from app import wiring
from app.demo.flow import load_waiting
from app.reconcile.reconcile import Reconciliation, reconcile
from app.replay.faults import FaultPlan
from app.replay.replay import ReplayResult, Speed, outgoing, run
from contracts.lake import MANIFESTS
from contracts.manifest import RangeManifest
from runtime.settings import Settings
from tests.support.marts import build_marts
from warehouse.models.job_days import TABLES

STREAM = [sys.executable, "-c", "from app.cli import main; main()", "stream", "--until-drained"]
PLAN = FaultPlan(duplicate_share=0.02)


def send(
    settings: Settings, first: date, last: date | None = None, plan: FaultPlan = PLAN, speed: str = "max"
) -> ReplayResult:
    """Replay days, both included."""
    return run(
        records=outgoing(first, last or first),
        kinesis=wiring.producer(),
        objects=wiring.lake(settings),
        speed=Speed.parse(speed),
        plan=plan,
        clock=wiring.CLOCK,
    )


def injected(*sent: ReplayResult) -> tuple[int, int, int]:
    """Return what `counts` is to say when nothing of these was lost or counted twice."""
    return (
        sum(sum(each.sent.values()) for each in sent),
        sum(len(each.faults.duplicates) for each in sent),
        sum(len(each.faults.malformed) for each in sent),
    )


def load(settings: Settings) -> None:
    """Load all that waits, and build the marts."""
    load_waiting(settings)
    build_marts(wiring.warehouse(settings))


def checked(settings: Settings, first: date, last: date | None = None) -> Reconciliation:
    """Return the reconciliation of days, both included, without the Spark jobs' tables."""
    found = reconcile(wiring.warehouse(settings).query, first, last or first)
    of_jobs = {each.table for each in TABLES.values()}
    checks = tuple(check for check in found.checks if check.table not in of_jobs)
    return Reconciliation(checks, found.events_lost, found.events_twice)


def assert_equal(settings: Settings, first: date, last: date | None = None) -> None:
    """Assert that every cell is as the source says, no event is lost and none is there twice."""
    found = checked(settings, first, last)
    assert found.is_equal, [
        (each.table, len(each.differences), each.differences[:3]) for each in found.checks
    ]


def counts(settings: Settings) -> tuple[int, int, int]:
    """Return records, duplicates and rejects of all manifests."""
    lake = wiring.lake(settings)
    manifests = [RangeManifest.from_json(lake.get(key)) for key in lake.keys(MANIFESTS)]
    return (
        sum(each.records for each in manifests),
        sum(each.duplicates for each in manifests),
        sum(each.rejects for each in manifests),
    )
