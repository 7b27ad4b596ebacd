"""The commands job run, job list, job logs and job cancel."""

from datetime import UTC, date
from enum import StrEnum
from itertools import islice
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app import wiring
from app.commands.bootstrap import deploy_functions, prepare
from app.commands.options import STORM, First, Last, dates
from app.emr.application import Cluster  # noqa: TC001  # typer looks at annotations
from app.emr.documents import check_job
from app.emr.record import drawn, record_of
from app.errors import UsageError
from app.jobs import explain_job, run_jobs
from app.stack.lock import alone
from app.stack.settings import StandSettings
from app.stack.stack import Stack
from runtime.settings import Settings

_HELD = """
select count(distinct convert_timezone('UTC', 'America/New_York', time_hour)::date) from fact_flight
where convert_timezone('UTC', 'America/New_York', time_hour)::date between '{first}' and '{last}'
"""


job = typer.Typer(help="Spark jobs, run by EMR Serverless.", no_args_is_help=True)
RunId = Annotated[str, typer.Argument(metavar="RUN", help="Its id; `millrace job list` shows it.")]


class Log(StrEnum):
    """A log of a run's driver."""

    STDERR = "stderr"
    STDOUT = "stdout"


@job.command()
def run(
    name: Annotated[str, typer.Argument(help="A file of jobs/, such as daily_on_time.")],
    first: First = STORM[0],
    last: Last = STORM[1],
    *,
    is_on_cluster: Annotated[
        bool, typer.Option("--cluster", help="On a Spark master and workers, not in one process.")
    ] = False,
    is_explained: Annotated[
        bool, typer.Option("--explain", help="Print the plan of its result; write and load nothing.")
    ] = False,
) -> None:
    """Run one Spark job over the lake, and load what it wrote; the stack is started where it is down.

    Ctrl-C cancels the run.
    """
    check_job(name)
    days = dates(first, last)
    console = Console()
    settings, stand = Settings.from_env(), StandSettings.from_env()
    with alone(stand.home):
        with console.status("starting the stack"):
            Stack(stand).up()
            prepare(settings)
        _bring(days, settings, stand, console)
        if is_explained:
            typer.echo(explain_job(name, days, settings, stand, console))
            return
        where: Cluster = "standalone" if is_on_cluster else "local"
        (done,) = run_jobs([name], days, settings, stand, console, cluster=where)
    if record := record_of(done, days, wiring.lake(settings)):
        console.print(drawn(record))
    console.print(
        f"ran {name} for {days[0]} to {days[1]} ({done.id}), and loaded what it wrote; "
        "the stack stays up, `make down` stops it"
    )


@job.command(name="list")
def show_runs(
    limit: Annotated[int, typer.Option("--limit", min=1, help="The newest so many.")] = 20,
) -> None:
    """List the runs since the local cloud started, the newest first."""
    table = Table("run", "job", "state", "asked for", "seconds", "details", title="Runs of Spark jobs")
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    table.columns[4].justify = "right"
    for each in islice(wiring.runs().all(), limit):
        seconds = (each.updated_at - each.created_at).total_seconds()
        asked = f"{each.created_at.astimezone(UTC):%H:%M:%S} UTC"
        told = f"{seconds:,.1f}" if each.is_ended else ""
        table.add_row(each.id, each.job, each.state, asked, told, Text(each.details))
    Console().print(table)


@job.command()
def logs(run_id: RunId, log: Annotated[Log, typer.Option("--log", help="Which.")] = Log.STDOUT) -> None:
    """Print what a run's driver wrote, once it has ended: stdout is the script's words, stderr Spark's."""
    runs = wiring.runs()
    typer.echo(runs.log(runs.named(run_id), log), nl=False)


@job.command()
def cancel(run_id: RunId) -> None:
    """Cancel a run, and wait until none of its processes is left."""
    runs = wiring.runs()
    found = runs.named(run_id)
    if found.is_ended:
        msg = f"run `{run_id}` has ended already: {found.state}"
        raise UsageError(msg)
    with Console().status(f"cancelling {run_id}"):
        found = runs.cancel(found)
    typer.echo(f"{run_id} is {found.state}")


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
