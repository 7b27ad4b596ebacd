"""Spark jobs from their code to the warehouse, while people watch."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date, timedelta

from rich.console import Console

from app import wiring
from app.emr.application import Cluster
from app.emr.code import publish
from app.emr.documents import check_job
from app.emr.runs import Run
from app.stack.settings import StandSettings
from app.stack.spark_jars import ensure_jars
from runtime.settings import Settings
from warehouse.models.job_days import TABLES, JobDays


def run_jobs(  # noqa: PLR0913  # what to run, where, and who watches
    names: Sequence[str],
    days: tuple[date, date],
    settings: Settings,
    stand: StandSettings,
    console: Console,
    *,
    cluster: Cluster = "local",
) -> list[Run]:
    """Run jobs by EMR Serverless for the dates between two, both included, and load the days that they wrote.

    All are asked for at once; EMR Serverless has as many run side by side as it has room for, and queues the
    others. **Delivery**: the jobs' own; a re-run replaces what it wrote. **On failure**: one error; it or an
    interrupt cancels all.

    Raises:
        NoJobError: There is no such job.
        JobFailedError: One failed, or was cancelled.
        JarsError: Spark's jars cannot be had.
    """
    runs = _follow(names, days, settings, stand, console, cluster=cluster)
    loader = JobDays(wiring.lake(settings), wiring.warehouse(settings), settings.lake)
    all_days = [days[0] + timedelta(days=offset) for offset in range((days[1] - days[0]).days + 1)]
    with console.status("loading what the jobs wrote"):
        for name in names:
            if name in TABLES:
                loader.load(name, all_days)
    return runs


def explain_job(
    name: str, days: tuple[date, date], settings: Settings, stand: StandSettings, console: Console
) -> str:
    """Return the plan by which Spark would compute a job's result; nothing is written.

    Raises:
        NoJobError: There is no such job.
        JobFailedError: It failed, or was cancelled.
        JarsError: Spark's jars cannot be had.
    """
    (run,) = _follow([name], days, settings, stand, console, "--explain")
    return wiring.runs().log(run, "stdout")


def _follow(  # noqa: PLR0913  # as above
    names: Sequence[str],
    days: tuple[date, date],
    settings: Settings,
    stand: StandSettings,
    console: Console,
    *more: str,
    cluster: Cluster = "local",
) -> list[Run]:
    for name in names:
        check_job(name)
    ensure_jars(stand.home)
    lake, runs = wiring.lake(settings), wiring.runs()
    with console.status("asking for runs") as status, ExitStack() as undo:
        begun = []
        for name in names:
            publish(name, lake)
            begun.append(runs.start(name, days, lake=settings.lake, cluster=cluster, more=more))
            undo.callback(runs.cancel, begun[-1])

        def show(seen: Run) -> None:
            status.update(f"{seen.job}: {seen.id} is {seen.state}")

        ended = [runs.follow(run, show) for run in begun]
        undo.pop_all()
    return ended
