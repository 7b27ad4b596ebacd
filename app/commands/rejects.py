"""The commands rejects list and rejects replay."""

from collections import Counter
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app import wiring
from runtime.settings import Settings

rejects = typer.Typer(help="Records that the stream has set aside: no events.", no_args_is_help=True)
MOST_SHOWN_BYTES = 60


@rejects.command(name="list")
def show_rejects(
    limit: Annotated[int, typer.Option("--limit", min=0, help="Show so many of them.")] = 10,
) -> None:
    """Count the rejects by stream and rule, and show the first."""
    from app.replay.rejects import rejected  # noqa: PLC0415  # Arrow takes a moment

    counts: Counter[tuple[str, str]] = Counter()
    shown = Table("position", "arrived", "rule", "detail", "begins with", title="The first of them")
    for each in rejected(wiring.lake(Settings.from_env())):
        if counts.total() < limit:
            begin = Text(repr(each.data[:MOST_SHOWN_BYTES])[2:-1])
            arrived = f"{each.received:%Y-%m-%d %H:%M:%S}"
            shown.add_row(each.position, arrived, each.rule, Text(each.detail), begin)
        counts[each.stream, each.rule] += 1
    table = Table("stream", "rule", "rejects", title=f"Rejects: {counts.total():,}")
    table.columns[-1].justify = "right"
    for (stream, rule), count in sorted(counts.items()):
        table.add_row(stream, rule, f"{count:,}")
    console = Console()
    console.print(table)
    if shown.row_count:
        console.print(shown)


@rejects.command()
def replay() -> None:
    """Send what today's rules take once more, after a fix; what was sent before is dropped as a copy."""
    from app.replay.rejects import replay_rejects  # noqa: PLC0415  # as above
    from app.replay.sender import Sender  # noqa: PLC0415  # as above

    sender = Sender(wiring.producer(), wiring.CLOCK)
    sent, still = replay_rejects(wiring.lake(Settings.from_env()), sender)
    rules = ", ".join(f"{rule} {count:,}" for rule, count in still.most_common())
    typer.echo(
        f"{sent:,} events sent once more; {still.total():,} still are none" + (f": {rules}" if rules else "")
    )
