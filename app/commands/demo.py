"""The command demo."""

from typing import Annotated

import typer
from rich.console import Console

from app.commands.options import STORM, First, Last, SpeedText, dates
from app.stack.lock import alone
from app.stack.settings import StandSettings


def demo(
    first: First = STORM[0],
    last: Last = STORM[1],
    speed: SpeedText = "max",
    keep: Annotated[  # noqa: FBT002  # a flag of the command line
        bool, typer.Option("--keep", help="Start from the worlds as they are, and leave the stack up.")
    ] = False,
    is_without_board: Annotated[  # noqa: FBT002  # as above
        bool, typer.Option("--no-board", help="Leave the flight board out: for months and years.")
    ] = False,
) -> None:
    """Send real flights through every hop, and check every total against the source."""
    from app.demo.run import Demo, Options  # noqa: PLC0415  # its parts take a moment
    from app.replay.replay import Speed  # noqa: PLC0415

    options = Options(dates(first, last), Speed.parse(speed), keep, has_board=not is_without_board)
    with alone(StandSettings.from_env().home):
        Demo(options, Console()).run()
