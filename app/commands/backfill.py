"""The command backfill."""

import logging
from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from app import wiring
from app.commands.options import First, Last, dates
from app.errors import UsageError
from app.marts import build_marts
from app.stack.settings import StandSettings
from runtime.settings import Settings
from warehouse.models.loader import Loader

if TYPE_CHECKING:
    from contracts.manifest import LakeObject, RangeManifest
    from pipelines.backfill import Backfill


class NothingArchivedError(UsageError):
    """The archive has nothing of these days."""

    def __init__(self, first: date, last: date) -> None:
        """Keep the days."""
        super().__init__(first, last)
        self.first = first
        self.last = last

    def __str__(self) -> str:
        """Say what is missing, and what brings it."""
        return (
            f"the archive has no event of a flight from {self.first} to {self.last}; "
            "`millrace replay` and `millrace stream` bring some"
        )


def backfill(first: First, last: Last) -> None:
    """Compute the windows of archived flights anew; what differs is rewritten, and loaded in its place."""
    from app.replay.source import NEW_YORK  # noqa: PLC0415  # Arrow takes a moment
    from pipelines.backfill import Backfill, within  # noqa: PLC0415  # and Beam seconds

    days = dates(first, last)
    since, until = (datetime.combine(day, time(), NEW_YORK) for day in (days[0], days[1] + timedelta(days=1)))
    logging.disable(logging.WARNING)  # Beam's, of parts that are not needed here
    settings, console = Settings.from_env(), Console()
    work = Backfill(wiring.lake(settings))
    ranges = work.ranges()
    chosen = within(ranges, since, until)
    if not chosen:
        raise NothingArchivedError(*days)
    looked_at, changed = _run(work, ranges, chosen, console)
    console.print(_table(looked_at, changed))
    loader = Loader(wiring.lake(settings), wiring.warehouse(settings), settings.lake)
    batches = 0
    with console.status("loading what differs"):
        while count := loader.load_waiting().batches:
            batches += count
    if batches:
        build_marts(settings, StandSettings.from_env(), console)
    said = f"{batches:,} batches loaded, and the marts built anew" if batches else "nothing changed"
    console.print(f"warehouse: {said}")


def _run(
    work: "Backfill", ranges: "list[RangeManifest]", chosen: "list[RangeManifest]", console: Console
) -> "tuple[list[RangeManifest], list[LakeObject]]":
    """Return the ranges that were looked at, and what differed."""
    from pipelines.backfill import concerns_all  # noqa: PLC0415  # as above

    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("ranges of these days", total=len(chosen))
        changed = work.run(chosen, lambda done: progress.advance(bar, done))
        if not concerns_all(changed) or len(chosen) == len(ranges):
            return chosen, changed
        bar = progress.add_task("sessions differ: all ranges", total=len(ranges))
        both = [*changed, *work.run(ranges, lambda done: progress.advance(bar, done))]
    return ranges, list({each.key: each for each in both}.values())


def _table(looked_at: "list[RangeManifest]", changed: "list[LakeObject]") -> Table:
    rewritten = Counter(each.dataset for each in changed)
    there = Counter(each.dataset for manifest in looked_at for each in manifest.objects)
    title = f"Backfill: {len(looked_at):,} ranges looked at"
    table = Table("objects", "there", "rewritten", title=title, title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for dataset in sorted((there.keys() | rewritten.keys()) - {"events", "rejects"}):
        table.add_row(dataset, f"{there[dataset]:,}", f"{rewritten[dataset]:,}")
    return table
