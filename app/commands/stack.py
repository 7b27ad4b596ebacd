"""The commands up, down and status."""

from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.errors import UsageError
from app.stack.settings import StandSettings
from app.stack.stack import Stack

Kinesis = Annotated[
    str | None, typer.Option("--kinesis", help="`millrace`, or `stock` for LocalStack's own engine.")
]


def up(kinesis: Kinesis = None) -> None:
    """Start LocalStack and the warehouse, and wait until both answer."""
    console = Console()
    settings = StandSettings.from_env()
    if kinesis:
        settings = replace(settings, kinesis=kinesis)
        if Stack(settings).is_cloud_up:
            msg = "LocalStack is up, and changes its Kinesis at its start only; run `millrace down` first"
            raise UsageError(msg)
    with console.status("starting LocalStack and the warehouse"):
        started = Stack(settings).up()
    said = f"started: {', '.join(started)}" if started else "already up"
    console.print(f"{said}; AWS_ENDPOINT_URL={settings.endpoint_url}")


def down() -> None:
    """Stop both, by their pids."""
    stopped = Stack(StandSettings.from_env()).down()
    Console().print(f"stopped: {', '.join(stopped)}" if stopped else "already down")


def status() -> None:
    """Show what runs."""
    table = Table("server", "port", "pid", "state", "memory")
    for server in Stack(StandSettings.from_env()).status():
        state = "ready" if server.is_ready else "down" if server.pid is None else "starting"
        pid = "-" if server.pid is None else str(server.pid)
        table.add_row(server.name, str(server.port), pid, state, f"{server.memory_bytes / 2**20:.0f} MiB")
    Console().print(table)
