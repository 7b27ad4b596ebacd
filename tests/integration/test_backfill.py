"""The backfill, as users run it: real flights, a bug that is mended, and a warehouse that follows."""

from datetime import date
from typing import Any

import pytest

from app import wiring
from app.commands.backfill import NothingArchivedError
from app.commands.bootstrap import prepare
from pipelines.backfill import Backfill
from runtime.settings import Settings
from tests.support.commands import run
from tests.support.reconciled import assert_equal, checked, load, send
from tests.unit.pipelines.test_backfill import miscounted, patched

pytestmark = pytest.mark.timeout(400)
DAY = date(2013, 2, 8)
DAYS = ("backfill", "--from", DAY.isoformat(), "--to", DAY.isoformat())


def objects(settings: Settings) -> dict[str, bytes]:
    """All that the stream wrote."""
    lake = wiring.lake(settings)
    return {
        key: lake.get(key)
        for folder in ("events/", "partials/", "state/", "manifests/")
        for key in lake.keys(folder)
    }


def test_a_backfill_changes_nothing_or_exactly_what_differs(world: Settings) -> None:
    """Byte for byte on unchanged data; after a bug is mended, the warehouse is as the source says again."""
    prepare(world)
    with pytest.raises(NothingArchivedError, match="has no event of a flight from 2013-02-08"):
        run(*DAYS)
    send(world, DAY)
    run("stream", "--until-drained")
    load(world)
    before = objects(world)
    assert "warehouse: nothing changed" in run(*DAYS)
    assert objects(world) == before

    _bring_a_bug(world)
    wrong = {each.table for each in checked(world, DAY).checks if each.differences}
    assert wrong == {
        "agg_airport_hour",
        "mart_worst_hours",
    }
    said = run(*DAYS)
    assert "batches loaded" in said
    assert_equal(world, DAY)
    assert objects(world) == before
    assert "warehouse: nothing changed" in run(*DAYS)


def _bring_a_bug(settings: Settings) -> None:
    """Have the archive and the warehouse as a stream with a bug would have left them."""
    work = Backfill(wiring.lake(settings), patched("partials", miscounted))
    changed: list[Any] = work.run(work.ranges())
    assert changed
    load(settings)


@pytest.mark.parametrize(
    ("first", "last"),
    [pytest.param("2013-02-09", "2013-02-08"), pytest.param("2012-02-08", "2012-02-08")],
)
def test_days_that_are_none_are_refused(world: Settings, first: str, last: str) -> None:
    """Before anything is read."""
    assert world
    with pytest.raises(ValueError, match=r"2013|2012"):
        run("backfill", "--from", first, "--to", last)
