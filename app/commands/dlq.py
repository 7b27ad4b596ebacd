"""The commands dlq list, dlq show and dlq redrive."""

from contextlib import suppress
from typing import Annotated

import typer
from botocore.exceptions import ClientError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.functions.dead_letters import DeadLetterQueue, DeadLetters, Letter, LostPositionError
from app.functions.positions import data_of, records_at
from app.functions.redrive import MOST_SECONDS, FailedAgainError, Redrive

MOST_LOOKED_AT = 10_000
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
    """Show letters, and the records at their positions; they stay, though SQS counts each look.

    A queue with a redrive policy of its own moves what is looked at too often.
    """
    letters = DeadLetters()
    queue = letters.named(name)
    found = letters.letters(queue, limit if name == queue.name else MOST_LOOKED_AT)
    for letter in found:
        letters.release(queue, letter)
    found = [letter for letter in found if _is_wanted(letter, name, queue)][:limit]
    typer.echo(f"{queue.name}: {len(found)} of about {queue.messages:,} letters")
    for letter in found:
        tried = f", tried {letter.attempts} times" if letter.attempts else ""
        typer.echo(f"\n{letter.function or 'of an unknown function'}: {letter.condition}{tried}")
        for line in (*_position(letter), letter.error, *_shown(letter)):
            if line:
                typer.echo(f"    {line}")


@dlq.command()
def redrive(name: Name, limit: Limit = 1000) -> None:
    """Invoke the function once more with what it gave up; letters that are taken are deleted."""
    letters = DeadLetters()
    queue = letters.named(name)
    redrive = Redrive(letters)
    table = Table("function", "what came of it", "position", title=queue.name)
    table.columns[2].overflow = "fold"
    held: list[Letter] = []
    failed = 0
    try:
        # One at a time, hidden for as long as a function may take: who redrives beside us takes others.
        while table.row_count < limit and (found := letters.letters(queue, 1, MOST_SECONDS)):
            (letter,) = found
            held.append(letter)
            if not _is_wanted(letter, name, queue):
                continue
            if reason := redrive.redrive(queue, letter):
                failed += 1
            else:
                held.pop()
            said = f"failed again: {reason}" if reason else "taken"
            table.add_row(Text(letter.function or "?"), Text(said), Text(letter.position))
    finally:
        for letter in held:  # one that was interrupted, too
            with suppress(ClientError):  # it is hidden no more
                letters.release(queue, letter)
    if table.row_count:
        Console().print(table)
    else:
        typer.echo(f"{queue.name} is empty" if not held else f"{queue.name} has no letter of {name}")
    if failed:
        raise FailedAgainError(failed, table.row_count)


def _is_wanted(letter: Letter, name: str, queue: DeadLetterQueue) -> bool:
    """Whether a letter is the function's, where a function was asked for: others may share its queue."""
    return name == queue.name or letter.name in {"", name}


def _position(letter: Letter) -> list[str]:
    if letter.batch is None:
        return []
    arrived = letter.batch.get("approximateArrivalOfFirstRecord", "?")
    source = letter.batch["streamArn"].split(":", 5)[-1]
    return [f"{source}, arrived about {arrived}", letter.position]


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
    decoded = data[:MOST_SHOWN_BYTES].decode(errors="replace")
    # A terminal would obey what is not printable.
    shown = "".join(each if each.isprintable() else repr(each)[1:-1] for each in decoded)
    return shown + ("…" if len(data) > MOST_SHOWN_BYTES else "")
