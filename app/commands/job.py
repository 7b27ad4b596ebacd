"""The command job."""

from datetime import date, timedelta
from typing import Annotated

import typer
from rich.console import Console

from app import wiring
from app.commands.bootstrap import deploy_functions, prepare
from app.commands.options import STORM, First, Last, dates
from app.stack.lock import alone
from app.stack.settings import StandSettings
from app.stack.spark import check_job, submit
from app.stack.stack import Stack
from contracts.lake import DAILY_ON_TIME, events_prefix
from contracts.streams import FLIGHT_EVENTS_STREAM
from runtime.settings import Settings
from warehouse.models.loader import Loader

_HELD = """
select count(distinct convert_timezone('UTC', 'America/New_York', time_hour)::date) from fact_flight
where convert_timezone('UTC', 'America/New_York', time_hour)::date between '{first}' and '{last}'
"""


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
    with alone(stand.home):
        with console.status("starting the stack"):
            Stack(stand).up()
            prepare(settings)
        _bring(days, settings, stand, console)
        with console.status(f"running {name}"):
            run_job(name, days, settings, stand)
    console.print(
        f"ran {name} for {days[0]} to {days[1]}, and loaded what it wrote into agg_carrier_day; "
        "the stack stays up, `make down` stops it"
    )


def _bring(days: tuple[date, date], settings: Settings, stand: StandSettings, console: Console) -> None:
    """Send the flights of the days through the stream, unless each day is there and no replay broke off."""
    from app.demo.flow import flow, load_waiting  # noqa: PLC0415  # its parts take a moment
    from app.demo.stream_process import StreamProcess  # noqa: PLC0415
    from app.replay.replay import Speed, forget_end, has_ended, outgoing  # noqa: PLC0415

    lake, warehouse = wiring.lake(settings), wiring.warehouse(settings)
    load_waiting(settings)
    kinesis = wiring.producer()
    ((held,),) = warehouse.query(_HELD.format(first=days[0], last=days[1])).rows
    if held == (days[1] - days[0]).days + 1 and has_ended(kinesis, lake):
        return
    console.print(f"the lake lacks flights of {days[0]} to {days[1]}: sending them")
    deploy_functions(settings)
    forget_end(kinesis, lake)
    with StreamProcess(stand.home / "logs" / "stream.log") as stream:
        stream.wait_until_streaming()
        flow(stream, outgoing(*days), Speed(), settings, console)


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
