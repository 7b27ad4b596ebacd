"""The documents of StartJobRun, jobs/runs/<job>.json: the same for AWS, but for what stands for `${…}`."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from string import Template
from typing import Any

from app.emr.errors import NoJobError

RUNS = Path("jobs") / "runs"

ROLE = "arn:aws:iam::000000000000:role/emr"
"""The local cloud asks nobody's leave; a role is part of the request all the same."""


def job_names() -> list[str]:
    """Return the names of the jobs there are."""
    return sorted(each.stem for each in RUNS.glob("*.json"))


def check_job(job: str) -> None:
    """Refuse a job that there is not.

    Raises:
        NoJobError: There is no such job.
    """
    if job not in job_names():
        raise NoJobError(job, job_names())


def read(job: str, values: Mapping[str, str]) -> dict[str, Any]:
    """Return a job's document with values in the places of `${…}`.

    Raises:
        NoJobError: There is no such job.
        KeyError: The document asks for a value that is not given.
    """
    check_job(job)
    text = (RUNS / f"{job}.json").read_text(encoding="utf-8")
    filled: dict[str, Any] = json.loads(Template(text).substitute(values))
    return filled


def request(
    job: str, days: tuple[date, date], *, lake: str, application_id: str, more: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the request of StartJobRun for the dates between two, both included.

    Args:
        job: Its name.
        days: The first date and the last.
        lake: The bucket.
        application_id: Where it is to run.
        more: Arguments behind those of the document.

    Raises:
        NoJobError: There is no such job.
    """
    first, last = (day.isoformat() for day in days)
    values = {"application_id": application_id, "role_arn": ROLE, "lake": lake, "from": first, "to": last}
    filled = read(job, values)
    filled["jobDriver"]["sparkSubmit"]["entryPointArguments"] += more
    return filled
