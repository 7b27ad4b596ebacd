"""The command replay."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from app import wiring
from app.commands.options import STORM, First, Last, SpeedText, dates
from runtime.settings import Settings


def replay(
    first: First = STORM[0],
    last: Last = STORM[1],
    speed: SpeedText = "max",
    seed: Annotated[int, typer.Option(help="Of the faults that are added.")] = 2013,
    faults: Annotated[Path, typer.Option(help="Where to write down what was added.")] = Path(
        "build/replay/faults.json"
    ),
) -> None:
    """Send the flights and the weather of some days to Kinesis, with seeded faults, written down."""
    from app.replay.faults import FaultPlan  # noqa: PLC0415  # Arrow takes a moment
    from app.replay.replay import Speed, outgoing, run  # noqa: PLC0415

    settings = Settings.from_env()
    pace = Speed.parse(speed)
    records = outgoing(*dates(first, last))
    with Progress() as progress:
        task = progress.add_task("records sent", total=None)
        result = run(
            records=records,
            kinesis=wiring.producer(),
            objects=wiring.lake(settings),
            speed=pace,
            plan=FaultPlan(seed=seed),
            clock=wiring.CLOCK,
            on_progress=lambda sent, total: progress.update(task, completed=sent, total=total),
        )
    faults.parent.mkdir(parents=True, exist_ok=True)
    faults.write_bytes(result.faults.to_json())
    sent = ", ".join(f"{count:,} to {name}" for name, count in result.sent.items())
    Console().print(
        f"sent {sent} in {result.seconds:.1f} s; added {len(result.faults.duplicates)} duplicates and "
        f"{len(result.faults.malformed)} malformed records, written down in {faults}"
    )
