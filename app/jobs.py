"""One Spark job from its code to the warehouse, while people watch."""

from datetime import date, timedelta

from rich.console import Console

from app import wiring
from app.emr.code import publish
from app.emr.documents import check_job
from app.emr.runs import Run
from app.stack.settings import StandSettings
from app.stack.spark_jars import ensure_jars
from contracts.lake import DAILY_ON_TIME
from runtime.settings import Settings
from warehouse.models.job_days import JobDays


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
    check_job(name)
    ensure_jars(stand.home)
    lake = wiring.lake(settings)
    publish(name, lake)
    runs = wiring.runs()
    with console.status(f"{name}: asking for a run") as status:
        run = runs.start(name, days, settings.lake)
        run = runs.follow(run, lambda seen: status.update(f"{name}: {seen.id} is {seen.state}"))
        status.update(f"{name}: loading what it wrote")
        all_days = [days[0] + timedelta(days=offset) for offset in range((days[1] - days[0]).days + 1)]
        JobDays(lake, wiring.warehouse(settings), settings.lake).load(DAILY_ON_TIME, all_days)
    return run
