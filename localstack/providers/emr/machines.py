"""A cluster's processes: Spark's master and workers, and the steps that run on them."""

import gzip
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from localstack.providers.emr.commands import DistCp, command_of
from localstack.providers.emr.copying import copy
from localstack.providers.emr.records import Outcome, Step
from localstack.providers.spark.cluster import Cluster as SparkCluster
from localstack.providers.spark.errors import RefusedError
from localstack.providers.spark.launching import Driver, LaunchError
from localstack.providers.spark.reason import reason
from localstack.providers.spark.standalone import StandaloneLauncher
from localstack.providers.spark.submission import Place

_LOGS = ("controller", "stdout", "stderr")
_LOOK_SECONDS = 1.0
"""How often processes are looked at that may have ended by themselves."""


class SparkMachines:
    """A standalone cluster (see `Machines`).

    **Threads**: one for all that takes time with master and workers, and one a step.
    """

    def __init__(self, cluster: SparkCluster, place: Place, s3: Any, layers: Any, log_uri: str) -> None:
        """Take the cluster, which is off.

        Args:
            cluster: Of Spark.
            place: Where Spark is; its folder is this cluster's own.
            s3: A client.
            layers: Properties of the cluster.
            log_uri: Where the cluster's logs go; empty for nowhere.
        """
        self._cluster = cluster
        self._place = place
        self._s3 = s3
        self._layers = layers
        self._log_uri = log_uri
        self._wanted, self._has = -1, -1
        self._is_stopping, self.is_down = False, False
        self.failure = ""
        self._changed = threading.Condition()
        threading.Thread(target=self._tend, name=f"emr-{place.folder.name}", daemon=True).start()

    @property
    def is_up(self) -> bool:
        """See `Machines.is_up`."""
        return self._has == self._wanted >= 0

    def resize(self, workers: int) -> None:
        """See `Machines.resize`."""
        with self._changed:
            self._wanted = workers
            self._changed.notify()

    def stop(self) -> None:
        """See `Machines.stop`."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify()

    def run(self, step: Step) -> "StepAttempt":
        """See `Machines.run`."""
        launcher = StandaloneLauncher(self._place.python, self._cluster, self._wanted)
        command = command_of(step.request, self._layers)
        folder = self._place.folder / step.id

        def carry_out(attempt: StepAttempt) -> Outcome:
            if isinstance(command, DistCp):
                told = copy(command, self._s3, lambda: attempt.is_stopping)
                (folder / "stdout").write_text(told, encoding="utf-8")
                return Outcome(is_success=True)
            driver = command.launch(self._place, launcher, self._s3, folder)
            attempt.take(driver)
            if code := driver.wait():
                why = reason(code, driver.stdout, driver.stderr)
                return Outcome(False, f"Application ended with exit code {code}", why)  # noqa: FBT003  # its name says it
            return Outcome(is_success=True)

        attempt = StepAttempt(folder, carry_out, lambda: self._put_logs(step, folder))
        attempt.start()
        return attempt

    def _tend(self) -> None:
        """Bring master and workers to what is wanted, again and again, until they are to stop."""
        while not self._is_stopping:
            self._bring()
            with self._changed:
                self._changed.wait_for(lambda: self._is_stopping or self._is_wanting, _LOOK_SECONDS)
        self._cluster.stop()
        shutil.rmtree(self._place.folder, ignore_errors=True)
        self.is_down = True

    @property
    def _is_wanting(self) -> bool:
        return self._has != self._wanted and not self.failure

    def _bring(self) -> None:
        """Start what is wanted and does not run; as on AWS a worker is replaced, and the master is not."""
        if self.failure or self._wanted < 0:
            return
        was_up = self._has >= 0
        if was_up and not self._cluster.has_master:
            self.failure = "The master instance failed"
        elif self._is_wanting or self._cluster.size != self._has:
            wanted = self._wanted
            try:
                self._cluster.start(wanted)
                self._has = wanted
            except LaunchError as error:  # a cluster that is up goes on with what it has, and is tried again
                self.failure = "" if was_up else str(error)

    def _put_logs(self, step: Step, folder: Path) -> str:
        """Put both logs where AWS puts them, and return what went wrong."""
        if not self._log_uri:
            return ""
        parts = urlsplit(self._log_uri)
        prefix = f"{parts.path.strip('/')}/{self._place.folder.name}/steps/{step.id}".lstrip("/")
        (folder / "controller").write_text(_told(step), encoding="utf-8")
        try:
            for name in _LOGS:
                log = folder / name
                body = gzip.compress(log.read_bytes() if log.exists() else b"")
                self._s3.put_object(Bucket=parts.netloc, Key=f"{prefix}/{name}.gz", Body=body)
        except (BotoCoreError, ClientError) as error:
            return f"Its logs could not be written to {self._log_uri}: {error}"
        return ""


class StepAttempt(threading.Thread):
    """A step on its way (see `Attempt`)."""

    def __init__(
        self,
        folder: Path,
        carry_out: "Callable[[StepAttempt], Outcome]",
        put_logs: Callable[[], str],
    ) -> None:
        """Take what is to be done; `start` begins.

        Args:
            folder: Of the step, its own.
            carry_out: Does it; gives this attempt the driver that it started.
            put_logs: Puts the logs away, and says what went wrong.
        """
        super().__init__(name=f"emr-{folder.name}", daemon=True)
        self._folder = folder
        self._carry_out = carry_out
        self._put_logs = put_logs
        self._stopping = threading.Event()
        self._driver: Driver | None = None
        self.outcome: Outcome | None = None

    @property
    def is_stopping(self) -> bool:
        """Whether it is to end."""
        return self._stopping.is_set()

    def take(self, driver: Driver) -> None:
        """Keep the driver that was started, and end it where the attempt is to end by now."""
        self._driver = driver
        if self.is_stopping:
            driver.stop()

    def stop(self) -> None:
        """See `Attempt.stop`."""
        self._stopping.set()
        if (driver := self._driver) is not None:
            threading.Thread(target=driver.stop, daemon=True).start()

    def run(self) -> None:
        """Carry it out."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            outcome = self._carry_out(self)
        except (RefusedError, LaunchError, BotoCoreError, ClientError) as error:
            outcome = Outcome(False, "Unable to run the step", str(error))  # noqa: FBT003  # its name says it
        except Exception as error:  # noqa: BLE001  # a step must not stay RUNNING for ever
            outcome = Outcome(False, "Unknown Error.", f"{type(error).__name__}: {error}")  # noqa: FBT003  # as above
        message = " ".join(filter(None, (outcome.message, self._put_logs())))
        shutil.rmtree(self._folder, ignore_errors=True)
        self.outcome = Outcome(outcome.is_success, outcome.reason, message)


def _told(step: Step) -> str:
    """Return what AWS's controller log says of a step: what was run, and when it began."""
    words = " ".join(step.request["HadoopJarStep"].get("Args") or [])
    return f"{step.started_at:%Y-%m-%dT%H:%M:%SZ} INFO startExec 'command-runner.jar {words}'\n"
