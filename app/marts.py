"""The marts, built while people watch."""

from rich.console import Console
from rich.progress import Progress

from app.stack.dbt import Done, build_models
from app.stack.settings import StandSettings
from runtime.settings import Settings


def build_marts(settings: Settings, stand: StandSettings, console: Console) -> list[str]:
    """Build the marts with a line that says how far it is, and return their names.

    Raises:
        DbtFailedError: dbt ended with an error, or a test of the data failed.
    """
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("dbt", total=None)

        def show(done: Done) -> None:
            progress.update(task, completed=done.number, total=done.total, description=f"dbt: {done.name}")

        return build_models(settings, stand, show)
