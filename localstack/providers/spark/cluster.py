"""A standalone cluster of Spark's own on loopback: a master, and workers that come and go.

It takes no password, so nothing of it listens on anything but 127.0.0.1. Source: Spark's documentation,
"Spark Standalone Mode".
"""

import json
import socket
import threading
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localstack.providers.spark.launching import LaunchError
from localstack.providers.spark.processes import Supervised, start
from localstack.providers.spark.sizes import WorkerSize

_HOST = "127.0.0.1"
_WAIT_SECONDS = 60.0
_POLL_SECONDS = 0.2
_DAEMON_MEMORY = "256m"
_DEPLOY = "org.apache.spark.deploy"


class Cluster:
    """A master and its workers.

    **Threads**: any; one at a time is let in. **On failure**: `LaunchError`; nothing new is left running.

    Attributes:
        worker_size: What each worker offers.
    """

    def __init__(
        self, python: Path, environment: Mapping[str, str], folder: Path, size: WorkerSize | None = None
    ) -> None:
        """Start nothing yet.

        Args:
            python: Interpreter that has pyspark.
            environment: Of master and workers, JAVA_HOME included.
            folder: For their logs, and for what executors spill.
            size: Of each worker.
        """
        self._class = python.parent / "spark-class"
        self._environment = {
            **environment,
            "SPARK_DAEMON_MEMORY": _DAEMON_MEMORY,
            "SPARK_DAEMON_JAVA_OPTS": "-Djava.net.preferIPv4Stack=true",  # or it is ::ffff:127.0.0.1
            "PYSPARK_PYTHON": str(python),  # spark-class asks it where Spark is
        }
        self._folder = folder
        self.worker_size = size or WorkerSize()
        self._lock = threading.RLock()
        self._master: Supervised | None = None
        self._workers: list[Supervised] = []
        self._started = 0
        self._port, self._web_port = 0, 0

    @property
    def url(self) -> str:
        """What `--master` is to be."""
        return f"spark://{_HOST}:{self._port}"

    @property
    def size(self) -> int:
        """How many workers run."""
        return sum(each.wait(0) is None for each in self._workers)

    @property
    def has_master(self) -> bool:
        """Whether the master runs."""
        return self._master is not None and self._master.wait(0) is None

    def start(self, workers: int = 1) -> None:
        """Have a master and so many workers, and wait until all have found each other.

        What has ended by itself is replaced; where that is the master, its workers are too.

        Raises:
            LaunchError: They did not, within a minute; a master that was there before stays.
        """
        with self._lock:
            if self.has_master:
                self.resize(workers)
                return
            self.stop()
            self._port, self._web_port = _free_ports(2)
            ports = ("--port", str(self._port), "--webui-port", str(self._web_port))
            self._master = self._begin("master", "master.Master", *ports)
            try:
                self.resize(workers)
            except LaunchError:
                self.stop()
                raise

    def resize(self, workers: int) -> None:
        """Have so many workers: new ones are waited for, the youngest go first with the executors they run.

        Raises:
            LaunchError: New ones did not come, within a minute; those that were there before stay.
        """
        with self._lock:
            self._workers = [each for each in self._workers if each.wait(0) is None]
            while len(self._workers) > workers:
                self._workers.pop().stop()
            before = len(self._workers)
            try:
                while len(self._workers) < workers:
                    self._workers.append(self._worker())
                self._wait_for(workers)
            except LaunchError:
                for each in self._workers[before:]:
                    each.stop()
                del self._workers[before:]
                raise

    def alive(self) -> int:
        """Return how many workers the master knows to be alive."""
        return sum(each["state"] == "ALIVE" for each in self._told()["workers"])

    def stop(self) -> None:
        """End workers and master; return when no process of them is left."""
        with self._lock:
            for each in (*self._workers, self._master):
                if each is not None:
                    each.stop()
            self._workers, self._master = [], None

    def _worker(self) -> Supervised:
        self._started += 1
        name = f"worker-{self._started}"
        size = ("--cores", str(self.worker_size.cores), "--memory", f"{self.worker_size.memory_mebibytes}m")
        work = ("--work-dir", str(self._folder / name / "work"), "--webui-port", "0")
        return self._begin(name, "worker.Worker", *size, *work, self.url)

    def _begin(self, name: str, kind: str, *arguments: str) -> Supervised:
        folder = self._folder / name
        folder.mkdir(parents=True, exist_ok=True)
        command = [str(self._class), f"{_DEPLOY}.{kind}", "--host", _HOST, *arguments]
        return start(command, self._environment, folder)

    def _wait_for(self, workers: int) -> None:
        deadline = time.monotonic() + _WAIT_SECONDS
        while True:
            try:
                if self.alive() == workers:
                    return
            except (OSError, ValueError):  # the master does not answer yet
                pass
            ended = [each for each in (self._master, *self._workers) if each and each.wait(0) is not None]
            if ended or time.monotonic() > deadline:
                where = ended[0].stderr if ended else self._folder
                msg = f"Spark's cluster of {workers} workers did not come up; its logs are at {where}"
                raise LaunchError(msg)
            time.sleep(_POLL_SECONDS)

    def _told(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://{_HOST}:{self._web_port}/json/", timeout=5) as answer:  # ours
            told: dict[str, Any] = json.load(answer)
        return told


def _free_ports(count: int) -> list[int]:
    """Return ports that nobody has at this moment; two are never the same."""
    sockets = [socket.create_server((_HOST, 0)) for _ in range(count)]
    ports: list[int] = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
