"""The command replay."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from app import wiring
from app.commands.options import STORM, First, Last, SpeedText, dates
from app.errors import UsageError
from contracts.batches import PACKINGS
from runtime.settings import Settings


class UnknownPackingError(UsageError):
    """Events are not packed that way."""

    def __init__(self, packing: str) -> None:
        """Keep what was asked for."""
        super().__init__(packing)
        self.packing = packing

    def __str__(self) -> str:
        """Say what there is."""
        return f"`packing` must be one of {', '.join(PACKINGS)}; got `{self.packing}`"


class PlainBatchError(UsageError):
    """A plain record holds one event, so there is nothing to choose."""

    def __str__(self) -> str:
        """Say what would."""
        return "`batch-records` needs a `packing` that puts several events into one record: gzip, zstd or kpl"


def replay(  # noqa: PLR0913, PLR0917  # each is an option
    first: First = STORM[0],
    last: Last = STORM[1],
    speed: SpeedText = "max",
    seed: Annotated[int, typer.Option(help="Of the faults that are added.")] = 2013,
    packing: Annotated[
        str, typer.Option(help="plain: an event a record; zstd, gzip, kpl: many in one.")
    ] = "plain",
    batch_records: Annotated[
        int | None, typer.Option(min=1, help="Events of one packed record at most; 500 unless told.")
    ] = None,
    faults: Annotated[Path, typer.Option(help="Where to write down what was added.")] = Path(
        "build/replay/faults.json"
    ),
) -> None:
    """Send the flights and the weather of some days to Kinesis, with seeded faults, written down."""
    from app.replay.faults import FaultPlan  # noqa: PLC0415  # Arrow takes a moment
    from app.replay.packer import MOST_EVENTS  # noqa: PLC0415
    from app.replay.replay import Speed, outgoing, run  # noqa: PLC0415

    settings = Settings.from_env()
    pace = Speed.parse(speed)
    if packing not in PACKINGS:
        raise UnknownPackingError(packing)
    if packing == "plain" and batch_records is not None:
        raise PlainBatchError
    records = outgoing(*dates(first, last))
    with Progress() as progress:
        task = progress.add_task("events sent", total=None)
        result = run(
            records=records,
            kinesis=wiring.producer(),
            objects=wiring.lake(settings),
            speed=pace,
            plan=FaultPlan(seed=seed),
            clock=wiring.CLOCK,
            packing=packing,
            most_events=batch_records or MOST_EVENTS,
            on_progress=lambda sent, total: progress.update(task, completed=sent, total=total),
        )
    faults.parent.mkdir(parents=True, exist_ok=True)
    faults.write_bytes(result.faults.to_json())
    sent = ", ".join(f"{count:,} to {name}" for name, count in result.sent.items())
    Console().print(
        f"sent {sent} in {result.seconds:.1f} s; added {len(result.faults.duplicates)} duplicates and "
        f"{len(result.faults.malformed)} malformed records, written down in {faults}"
    )
