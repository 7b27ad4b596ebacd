"""One Spark job from its code to the warehouse, while people watch."""

from datetime import date, timedelta

from rich.console import Console

from app import wiring
from app.emr.code import publish
from app.emr.documents import check_job
from app.emr.runs import Run
from app.stack.settings import StandSettings
from app.stack.spark_jars import ensure_jars
from runtime.settings import Settings
from warehouse.models.job_days import TABLES, JobDays


def run_job(
    name: str,
    days: tuple[date, date],
    settings: Settings,
    stand: StandSettings,
    console: Console,
) -> Run:
    """Run a job by EMR Serverless for the dates between two, both included, and load the days that it wrote.

    **Delivery**: the job's own; a re-run replaces what it wrote. **On failure**: one error; interrupted, the
    run is cancelled first.

    Raises:
        NoJobError: There is no such job.
        JobFailedError: It failed, or was cancelled.
        JarsError: Spark's jars cannot be had.
    """
    run = _follow(name, days, settings, stand, console)
    if name in TABLES:
        with console.status(f"{name}: loading what it wrote"):
            all_days = [days[0] + timedelta(days=offset) for offset in range((days[1] - days[0]).days + 1)]
            lake, warehouse = wiring.lake(settings), wiring.warehouse(settings)
            JobDays(lake, warehouse, settings.lake).load(name, all_days)
    return run


def explain_job(
    name: str, days: tuple[date, date], settings: Settings, stand: StandSettings, console: Console
) -> str:
    """Return the plan by which Spark would compute a job's result; nothing is written.

    Raises:
        NoJobError: There is no such job.
        JobFailedError: It failed, or was cancelled.
        JarsError: Spark's jars cannot be had.
    """
    run = _follow(name, days, settings, stand, console, "--explain")
    return wiring.runs().log(run, "stdout")


def _follow(  # what to run, where, and who watches
    name: str, days: tuple[date, date], settings: Settings, stand: StandSettings, console: Console, *more: str
) -> Run:
    check_job(name)
    ensure_jars(stand.home)
    publish(name, wiring.lake(settings))
    runs = wiring.runs()
    with console.status(f"{name}: asking for a run") as status:
        run = runs.start(name, days, settings.lake, more)
        return runs.follow(run, lambda seen: status.update(f"{name}: {seen.id} is {seen.state}"))
