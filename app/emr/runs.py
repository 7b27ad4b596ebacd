"""Runs of jobs, by EMR Serverless's API: started, followed to their end, cancelled, their logs read."""

import gzip
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from app.emr.application import NAMES, Cluster, ensure, find
from app.emr.documents import request
from app.emr.errors import JobFailedError, NoRunError
from app.errors import StandError
from runtime.clock import Clock

ENDED = frozenset({"SUCCESS", "FAILED", "CANCELLED"})
_POLL_SECONDS = 0.25
_MISSING = {"ResourceNotFoundException", "ValidationException"}
"""What GetJobRun answers to an id that there is not, and to one that none can be."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job, as the API tells it.

    Attributes:
        id: The API's.
        application: Its application's id.
        job: Its name.
        state: The API's word, such as RUNNING.
        details: What the API says of the state; may be empty.
        created_at: When it was asked for.
        updated_at: When its state last changed.
        log_uri: Folder of S3 for logs; empty for none.
    """

    id: str
    application: str
    job: str
    state: str
    details: str
    created_at: datetime
    updated_at: datetime
    log_uri: str = ""

    @property
    def is_ended(self) -> bool:
        """Whether its state is its last."""
        return self.state in ENDED


class Runs:
    """The runs of this project's applications.

    **Delivery**: a job's own; its days are replaced by a re-run. **On failure**: `JobFailedError`; a `follow`
    that is interrupted cancels its run, and returns when no process of it is left.
    """

    def __init__(self, emr: Any, s3: Any, clock: Clock) -> None:
        """Take clients of EMR Serverless and of S3."""
        self._emr = emr
        self._s3 = s3
        self._clock = clock

    def start(
        self,
        job: str,
        days: tuple[date, date],
        *,
        lake: str,
        cluster: Cluster = "local",
        more: Sequence[str] = (),
    ) -> Run:
        """Ask for a run for the dates between two, both included; its application is made if it lacks.

        Args:
            job: Its name.
            days: The first date and the last.
            lake: The bucket.
            cluster: Where its Spark is to run.
            more: Arguments behind those of the job's document.

        Raises:
            NoJobError: There is no such job.
            StandError: The application did not come to be.
        """
        application = ensure(self._emr, cluster, self._clock)
        asked = request(job, days, lake=lake, application_id=application, more=more)
        started = self._emr.start_job_run(**asked)
        return self._got(application, started["jobRunId"])

    def follow(self, run: Run, on_state: Callable[[Run], None] = lambda _run: None) -> Run:
        """Wait for the end of a run, and tell each state that is seen.

        Raises:
            JobFailedError: It failed, or was cancelled.
        """
        try:
            on_state(run)
            while not run.is_ended:
                self._clock.sleep(_POLL_SECONDS)
                before, run = run, self._got(run.application, run.id)
                if run.state != before.state:
                    on_state(run)
        except BaseException:
            self._end(run)
            raise
        if run.state != "SUCCESS":
            raise JobFailedError(run.job, run.id, run.state, run.details)
        return run

    def all(self) -> Iterator[Run]:
        """Yield the runs of all applications, the newest first."""
        found: list[Run] = []
        for cluster in NAMES:
            if application := find(self._emr, cluster):
                pages = self._emr.get_paginator("list_job_runs").paginate(applicationId=application)
                found += [_run(each, each["id"]) for page in pages for each in page["jobRuns"]]
        yield from sorted(found, key=lambda run: run.created_at, reverse=True)

    def named(self, identifier: str) -> Run:
        """Return a run.

        Raises:
            NoRunError: There is no such run.
        """
        for cluster in NAMES:
            with suppress(NoRunError):
                if application := find(self._emr, cluster):
                    return self._got(application, identifier)
        raise NoRunError(identifier)

    def cancel(self, run: Run) -> Run:
        """Cancel a run, and return it when none of its processes is left; one that has ended stays so."""
        if not run.is_ended:
            with suppress(ClientError):  # it has ended in the meantime
                self._emr.cancel_job_run(applicationId=run.application, jobRunId=run.id)
        while not run.is_ended:
            self._clock.sleep(_POLL_SECONDS)
            run = self._got(run.application, run.id)
        return run

    def log(self, run: Run, name: str) -> str:
        """Return a log of a run's driver.

        Args:
            run: Whose.
            name: `stdout` or `stderr`.

        Raises:
            StandError: There is none, or none yet.
        """
        place = urlsplit(run.log_uri)
        folder = f"{place.path.strip('/')}/applications/{run.application}/jobs/{run.id}/SPARK_DRIVER"
        try:
            answer = self._s3.get_object(Bucket=place.netloc, Key=f"{folder}/{name}.gz")
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            msg = f"run `{run.id}` is {run.state}, and has no {name} in S3 yet"
            raise StandError(msg) from None
        return gzip.decompress(answer["Body"].read()).decode(errors="replace")

    def _got(self, application: str, identifier: str) -> Run:
        try:
            answer = self._emr.get_job_run(applicationId=application, jobRunId=identifier)
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                raise NoRunError(identifier) from None
            raise
        return _run(answer["jobRun"], identifier)

    def _end(self, run: Run) -> None:
        """Leave no run behind of which nobody will hear; what cannot be reached is left."""
        with suppress(Exception):
            self.cancel(run)


def _run(told: Mapping[str, Any], identifier: str) -> Run:
    monitoring = told.get("configurationOverrides", {}).get("monitoringConfiguration", {})
    return Run(
        identifier,
        told["applicationId"],
        told.get("name", ""),
        told["state"],
        told.get("stateDetails", ""),
        told["createdAt"],
        told["updatedAt"],
        monitoring.get("s3MonitoringConfiguration", {}).get("logUri", ""),
    )
