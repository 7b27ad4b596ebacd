"""Attempts of runs, each in a thread: its files are fetched, its driver is run, its logs are put away."""

import shutil
import threading
from collections.abc import Mapping
from typing import Any

from localstack.providers.emr_serverless.engine import layers
from localstack.providers.emr_serverless.logs import DriverLogs
from localstack.providers.emr_serverless.records import Outcome, Run
from localstack.providers.emr_serverless.refusals import parameters_of
from localstack.providers.spark.errors import EMRError, RefusedError
from localstack.providers.spark.launching import Driver, Launcher, LaunchError
from localstack.providers.spark.reason import reason
from localstack.providers.spark.submission import Place, Submission

CLUSTER = "spark.millrace.cluster"
"""Where a run's Spark is: `local`, one process, or `standalone`, a cluster of this machine."""


class SparkAttempts:
    """Begins attempts (see `Attempts`)."""

    def __init__(self, place: Place, launchers: Mapping[str, Launcher], s3: Any, logs: DriverLogs) -> None:
        """Take where Spark is, who starts it by the value of `CLUSTER`, a client of S3, and where logs go."""
        self._place = place
        self._launchers = launchers
        self._s3 = s3
        self._logs = logs

    def check(self, run: Run) -> None:
        """See `Attempts.check`."""
        submission = _submission(run)
        submission.check(self._place)
        self._launcher(submission).check(submission.properties(self._place, self._place.folder))

    def begin(self, run: Run) -> "SparkAttempt":
        """See `Attempts.begin`."""
        attempt = SparkAttempt(run, self._place, self._launcher(_submission(run)), self._s3, self._logs)
        attempt.start()
        return attempt

    def _launcher(self, submission: Submission) -> Launcher:
        asked = submission.properties(self._place, self._place.folder).get(CLUSTER, "local")
        if asked not in self._launchers:
            msg = f"`{CLUSTER}` must be one of {', '.join(self._launchers)}; got `{asked}`"
            raise RefusedError(msg)
        return self._launchers[asked]


class SparkAttempt(threading.Thread):
    """One attempt on its way (see `Attempt`)."""

    def __init__(self, run: Run, place: Place, launcher: Launcher, s3: Any, logs: DriverLogs) -> None:
        """Take the run; `start` begins."""
        super().__init__(name=f"emr-{run.id}", daemon=True)
        self._run = run
        self._place = place
        self._launcher = launcher
        self._s3 = s3
        self._logs = logs
        self._folder = place.folder / run.application.id / run.id / str(len(run.attempts))
        self._stopping = threading.Event()
        self._driver: Driver | None = None
        self.outcome: Outcome | None = None

    @property
    def is_running(self) -> bool:
        """See `Attempt.is_running`."""
        return self._driver is not None

    def stop(self, grace_seconds: float) -> None:
        """See `Attempt.stop`."""
        self._stopping.set()
        if (driver := self._driver) is not None:
            threading.Thread(target=driver.stop, args=(grace_seconds,), daemon=True).start()

    def run(self) -> None:
        """Carry it out."""
        try:
            outcome = self._carried_out()
        except (RefusedError, LaunchError, EMRError) as error:
            outcome = Outcome(is_success=False, details=str(error))
        except Exception as error:  # noqa: BLE001  # a run must not stay RUNNING for ever
            outcome = Outcome(is_success=False, details=f"{type(error).__name__}: {error}")
        details = self._logs.put(self._run, self._folder)
        shutil.rmtree(self._folder, ignore_errors=True)
        self.outcome = Outcome(outcome.is_success, " ".join(filter(None, (outcome.details, details))))

    def _carried_out(self) -> Outcome:
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._stopping.is_set():
            return Outcome(is_success=False, details="Cancelled before it was started")
        driver = _submission(self._run).launch(self._place, self._launcher, self._s3, self._folder)
        self._driver = driver
        if self._stopping.is_set():
            driver.stop()
        if code := driver.wait():
            why = reason(code, driver.stdout, driver.stderr)
            return Outcome(is_success=False, details=f"Job failed with exit code {code}: {why}")
        return Outcome(is_success=True)


def _submission(run: Run) -> Submission:
    submit = run.request["jobDriver"]["sparkSubmit"]
    *below, _ = layers(run)
    arguments = submit.get("entryPointArguments") or []
    return Submission(submit["entryPoint"], arguments, parameters_of(submit), below)
