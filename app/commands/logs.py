"""The command logs."""

import re
from datetime import timedelta
from typing import Annotated

import typer

from app import wiring
from app.errors import UsageError
from app.functions.log_lines import LogReader

FOLLOW_SECONDS = 0.5
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def logs(
    name: Annotated[str, typer.Argument(help="A function, such as flight-board.")],
    is_followed: Annotated[bool, typer.Option("--follow", help="Go on until Ctrl-C.")] = False,  # noqa: FBT002  # a flag of the command line
    since: Annotated[str, typer.Option(help="How far back: 30s, 10m, 2h, 1d.")] = "1d",
    grep: Annotated[str, typer.Option(help="Only lines that hold this text.")] = "",
) -> None:
    """Show a function's log lines in the order of their time."""
    begin = wiring.CLOCK.now() - duration(since)
    functions = wiring.cloud("lambda")
    try:
        name = functions.get_function_configuration(FunctionName=name)["FunctionName"]
    except functions.exceptions.ResourceNotFoundException:
        msg = f"there is no function `{name}`; `millrace functions` shows those there are"
        raise UsageError(msg) from None
    reader = LogReader(wiring.cloud("logs"), name, begin)
    is_empty = True
    while True:
        for line in reader.read():
            if grep in line.text:
                is_empty = False
                typer.echo(f"{line.at:%H:%M:%S}.{line.at.microsecond // 1000:03} {line.text}")
        if not is_followed:
            break
        wiring.CLOCK.sleep(FOLLOW_SECONDS)
    if is_empty:
        typer.echo(f"no line of {name} in the last {since}", err=True)


def duration(text: str) -> timedelta:
    """Return how long a text such as `10m` is.

    >>> duration("10m")
    datetime.timedelta(seconds=600)

    Raises:
        UsageError: It is none.
    """
    found = re.fullmatch(r"(\d{1,4})([smhd])", text, re.ASCII)
    if found is None:
        msg = f"`since` must be a number and s, m, h or d, such as 10m; got `{text}`"
        raise UsageError(msg)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
