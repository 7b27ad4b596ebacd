"""The commands dlq list, dlq show and dlq redrive."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.functions.dead_letters import DeadLetters, Letter, LostPositionError
from app.functions.positions import data_of, records_at
from app.functions.redrive import MOST_SECONDS, FailedAgainError, Redrive

MOST_SHOWN_BYTES = 300
MOST_SHOWN_RECORDS = 3

dlq = typer.Typer(help="The dead-letter queues of the functions.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="A queue, or a function that has one.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="At most so many letters.")]


@dlq.command(name="list")
def show_queues() -> None:
    """List the queues, whose they are, and about how many letters each holds."""
    table = Table("queue", "function", "gives up", "letters", title="Dead-letter queues")
    table.columns[0].no_wrap = True
    table.columns[-1].justify = "right"
    for each in DeadLetters().queues():
        table.add_row(
            each.name, each.function, each.gives_up, f"{each.messages:,}" if each.url else "no queue"
        )
    Console().print(table)


@dlq.command()
def show(name: Name, limit: Limit = 10) -> None:
    """Show letters, and the records at their positions; they stay, though SQS counts each look."""
    letters = DeadLetters()
    queue = letters.named(name)
    found = letters.letters(queue, limit)
    typer.echo(f"{queue.name}: {len(found)} of about {queue.messages:,} letters")
    for letter in found:
        letters.release(queue, letter)
        tried = f", tried {letter.attempts} times" if letter.attempts else ""
        typer.echo(f"\n{letter.condition}{tried}, at {letter.position}")
        for line in (letter.error, *_shown(letter)):
            if line:
                typer.echo(f"    {line}")


@dlq.command()
def redrive(name: Name, limit: Limit = 1000) -> None:
    """Invoke the function once more with what it gave up; letters that are taken are deleted."""
    letters = DeadLetters()
    queue = letters.named(name)
    redrive = Redrive(letters)
    table = Table("what came of it", "position", title=f"{queue.name} to {queue.function}")
    table.columns[1].overflow = "fold"
    failed: list[Letter] = []
    try:
        # One at a time, hidden for as long as a function may take: who redrives beside us takes others.
        while table.row_count < limit and (found := letters.letters(queue, 1, MOST_SECONDS)):
            reason = redrive.redrive(queue, found[0])
            failed += found if reason else []
            table.add_row(Text(f"failed again: {reason}" if reason else "taken"), Text(found[0].position))
    finally:
        for letter in failed:
            letters.release(queue, letter)
    if table.row_count:
        Console().print(table)
    else:
        typer.echo(f"{queue.name} is empty")
    if failed:
        raise FailedAgainError(len(failed), table.row_count)


def _shown(letter: Letter) -> list[str]:
    if letter.batch is None:
        return [_text(letter.payload or b"")]
    try:
        events = records_at(letter.batch, letter.position)
    except LostPositionError as error:
        return [str(error)]
    lines = [_text(data_of(event)) for event in events[:MOST_SHOWN_RECORDS]]
    if len(events) > MOST_SHOWN_RECORDS:
        lines.append(f"and {len(events) - MOST_SHOWN_RECORDS} more")
    return lines


def _text(data: bytes) -> str:
    shown = data[:MOST_SHOWN_BYTES].decode(errors="replace")
    return shown + ("…" if len(data) > MOST_SHOWN_BYTES else "")
