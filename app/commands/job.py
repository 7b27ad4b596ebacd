"""The command job."""

from datetime import date, timedelta
from typing import Annotated

import typer
from rich.console import Console

from app import wiring
from app.commands.bootstrap import prepare
from app.commands.options import STORM, First, Last, dates
from app.stack.settings import StandSettings
from app.stack.spark import check_job, submit
from app.stack.stack import Stack
from contracts.lake import DAILY_ON_TIME, events_prefix
from contracts.schema import FLIGHT_EVENTS_STREAM
from runtime.settings import Settings
from warehouse.models.loader import Loader


def job(
    name: Annotated[str, typer.Argument(help="A file of jobs/, such as daily_on_time.")],
    first: First = STORM[0],
    last: Last = STORM[1],
) -> None:
    """Run one Spark job over the lake, and load what it wrote; the stack is started where it is down."""
    check_job(name)
    days = dates(first, last)
    console = Console()
    settings, stand = Settings.from_env(), StandSettings.from_env()
    with console.status(f"running {name}"):
        Stack(stand).up()
        prepare(settings)
        run_job(name, days, settings, stand)
    console.print(f"ran {name} for {days[0]} to {days[1]}, and loaded what it wrote")


def run_job(name: str, days: tuple[date, date], settings: Settings, stand: StandSettings) -> None:
    """Run a job for the dates between two, both included, and load the days that it wrote."""
    root = f"s3a://{settings.lake}"
    arguments = [
        "--events",
        f"{root}/{events_prefix(FLIGHT_EVENTS_STREAM)}",
        "--output",
        f"{root}/{DAILY_ON_TIME}/",
        "--from",
        days[0].isoformat(),
        "--to",
        days[1].isoformat(),
    ]
    submit(name, arguments, stand.home, settings.endpoint_url or stand.endpoint_url)
    all_days = [days[0] + timedelta(days=offset) for offset in range((days[1] - days[0]).days + 1)]
    loader = Loader(wiring.lake(settings), wiring.warehouse(settings), settings.lake)
    loader.load_daily_on_time(all_days)
