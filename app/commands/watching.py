"""Looking again and again: a table that renews itself, until Ctrl-C."""

from collections.abc import Callable
from typing import NoReturn

from rich.console import Console, RenderableType
from rich.live import Live

from app import wiring

WATCH_SECONDS = 1.0


def watch(look: Callable[[], RenderableType]) -> NoReturn:
    """Show what `look` returns each second: below the last where nothing can be drawn over, as in a file."""
    console = Console()
    if not console.is_terminal or console.is_dumb_terminal:
        while True:
            console.print(look())
            wiring.CLOCK.sleep(WATCH_SECONDS)
    with Live(look(), console=console, auto_refresh=False) as live:
        while True:
            wiring.CLOCK.sleep(WATCH_SECONDS)
            live.update(look(), refresh=True)
