"""Attempts of runs, each in a thread: its files are fetched, its driver is run, its logs are put into S3."""

import gzip
import os
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from localstack.providers.emr_serverless.engine import layers
from localstack.providers.emr_serverless.errors import EMRError
from localstack.providers.emr_serverless.records import Outcome, Run
from localstack.providers.emr_serverless.refusals import parameters_of
from localstack.providers.spark.configuration import DRIVER_ENVIRONMENT, resolve, write
from localstack.providers.spark.errors import RefusedError
from localstack.providers.spark.guard import check_endpoints
from localstack.providers.spark.launching import Driver, Launcher, LaunchError
from localstack.providers.spark.local import base_environment
from localstack.providers.spark.reason import reason

_OURS = ("AWS_ACCESS", "AWS_SECRET", "SPARK_", "PYSPARK_", "JAVA_HOME")
_LOGS = ("stdout", "stderr")

CLUSTER = "spark.millrace.cluster"
"""Where a run's Spark is: `local`, one process, or `standalone`, a cluster of this machine."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where Spark is, and what it is told.

    Attributes:
        python: Interpreter that has pyspark.
        java: A JAVA_HOME; None where there is no Java.
        jars: Folder of those that give Spark its S3.
        folder: Of all runs' files.
        endpoint_url: Of the local cloud.
        is_aws_allowed: Whether a run may reach what is not on this machine.
    """

    python: Path
    java: Path | None
    jars: Path
    folder: Path
    endpoint_url: str
    is_aws_allowed: bool


class SparkAttempts:
    """Begins attempts (see `Attempts`)."""

    def __init__(self, place: Place, launchers: Mapping[str, Launcher], s3: Any) -> None:
        """Take where Spark is, who starts it by the value of `CLUSTER`, and a client of S3."""
        self._place = place
        self._launchers = launchers
        self._s3 = s3

    def check(self, run: Run) -> None:
        """See `Attempts.check`."""
        if self._place.java is None:
            msg = "Spark needs Java 17 or newer, and found none: install one, or run `make setup`"
            raise RefusedError(msg)
        properties = resolve(layers(run), self._place.jars, self._place.folder)
        self._launcher(properties)
        environment = _driver_environment(properties)
        check_endpoints(properties | environment, is_aws_allowed=self._place.is_aws_allowed)

    def begin(self, run: Run) -> "SparkAttempt":
        """See `Attempts.begin`."""
        properties = resolve(layers(run), self._place.jars, self._place.folder)
        attempt = SparkAttempt(run, self._place, self._launcher(properties), self._s3)
        attempt.start()
        return attempt

    def _launcher(self, properties: Mapping[str, str]) -> Launcher:
        asked = properties.get(CLUSTER, "local")
        if asked not in self._launchers:
            msg = f"`{CLUSTER}` must be one of {', '.join(self._launchers)}; got `{asked}`"
            raise RefusedError(msg)
        return self._launchers[asked]


class SparkAttempt(threading.Thread):
    """One attempt on its way (see `Attempt`)."""

    def __init__(self, run: Run, place: Place, launcher: Launcher, s3: Any) -> None:
        """Take the run; `start` begins."""
        super().__init__(name=f"emr-{run.id}", daemon=True)
        self._run = run
        self._place = place
        self._launcher = launcher
        self._s3 = s3
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
        details = self._put_logs()
        shutil.rmtree(self._folder, ignore_errors=True)
        self.outcome = Outcome(outcome.is_success, " ".join(filter(None, (outcome.details, details))))

    def _carried_out(self) -> Outcome:
        self._folder.mkdir(parents=True, exist_ok=True)
        submit = self._run.request["jobDriver"]["sparkSubmit"]
        parameters = parameters_of(submit)
        properties = resolve(layers(self._run), self._place.jars, self._folder)
        conf = self._folder / "conf"
        environment = {
            **base_environment(os.environ),
            "AWS_ENDPOINT_URL": self._place.endpoint_url,
            "SPARK_CONF_DIR": str(conf),
            "PYSPARK_PYTHON": str(self._place.python),
            "JAVA_HOME": str(self._place.java),
            **_driver_environment(properties),
        }
        write(properties, conf)
        arguments: list[str] = ["--class", parameters.main_class] if parameters.main_class else []
        for option, uris in parameters.files.items():
            arguments += [option, ",".join(self._fetched(uri) for uri in uris)]
        arguments.append(self._fetched(submit["entryPoint"]))
        arguments += submit.get("entryPointArguments") or []
        if self._stopping.is_set():
            return Outcome(is_success=False, details="Cancelled before it was started")
        driver = self._driver = self._launcher.launch(arguments, environment, self._folder)
        if self._stopping.is_set():
            driver.stop()
        if code := driver.wait():
            why = reason(driver.stdout, driver.stderr)
            return Outcome(is_success=False, details=f"Job failed with exit code {code}: {why}")
        return Outcome(is_success=True)

    def _fetched(self, uri: str) -> str:
        """Fetch an object into the folder of the attempt, and return where it is."""
        parts = urlsplit(uri)
        if parts.scheme not in {"s3", "s3a"}:
            msg = f"files of a run must be s3:// URIs; got `{uri}`"
            raise RefusedError(msg)
        # A folder each: two may have the same name.
        files = self._folder / "files"
        files.mkdir(exist_ok=True)
        target = files / str(len(list(files.iterdir()))) / Path(parts.path).name
        target.parent.mkdir()
        try:
            self._s3.download_file(parts.netloc, parts.path.lstrip("/"), str(target))
        except (BotoCoreError, ClientError) as error:
            msg = f"{uri} cannot be read: {error}"
            raise RefusedError(msg) from None
        return str(target)

    def _put_logs(self) -> str:
        """Put both logs where AWS puts them, and return what went wrong."""
        log_uri = (self._run.monitoring.get("s3MonitoringConfiguration") or {}).get("logUri")
        if not log_uri:
            return ""
        parts = urlsplit(log_uri)
        prefix = f"{parts.path.strip('/')}/applications/{self._run.application.id}/jobs/{self._run.id}"
        try:
            for name in _LOGS:
                log = self._folder / name
                body = gzip.compress(log.read_bytes() if log.exists() else b"")
                key = f"{prefix}/SPARK_DRIVER/{name}.gz".lstrip("/")
                self._s3.put_object(Bucket=parts.netloc, Key=key, Body=body)
        except (BotoCoreError, ClientError) as error:
            return f"Its logs could not be written to {log_uri}: {error}"
        return ""


def _driver_environment(properties: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a run gives its driver.

    Raises:
        RefusedError: One is this side's to set.
    """
    found = {}
    for name, value in properties.items():
        if name.startswith(DRIVER_ENVIRONMENT):
            variable = name.removeprefix(DRIVER_ENVIRONMENT)
            if variable.startswith(_OURS):
                msg = f"`{name}` is not supported: interpreter, Java and keys are the local stack's to choose"
                raise RefusedError(msg)
            found[variable] = value
    return found
