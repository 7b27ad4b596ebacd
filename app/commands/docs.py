"""The command docs."""

from pathlib import Path

from rich.console import Console

from app.commands.bootstrap import prepare
from app.stack.dbt import write_docs
from app.stack.lock import alone
from app.stack.settings import StandSettings
from app.stack.stack import Stack
from runtime.settings import Settings

FOLDER = Path("build/warehouse-docs")


def docs() -> None:
    """Write the documentation of the warehouse's models; the stack is started where it is down."""
    console = Console()
    settings, stand = Settings.from_env(), StandSettings.from_env()
    with alone(stand.home):
        with console.status("starting the stack"):
            Stack(stand).up()
            prepare(settings)
        with console.status("asking the warehouse what it has"):
            page = write_docs(settings, stand, FOLDER)
    console.print(
        f"[bold]{page}[/] shows the models, their columns and how they hang together", highlight=False
    )
