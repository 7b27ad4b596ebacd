"""A peer that runs: started with readiness, asked by boto3, weighed by its tree, stopped by pid."""

import shutil
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import boto3
import psutil
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.errors import StandError
from app.stack.process import READY_SECONDS, NotReadyError
from benchmarks.peers import Peer
from runtime.clock import SystemClock

BENCH = Path("build/bench")
CLOCK = SystemClock()
_POLL_SECONDS = 0.1
_CPU_CLOCK = 2
"""The scheduler's own account of a process, to the nanosecond; ticks of 10 ms are too coarse for a slice."""


def client(service: str, port: int, connections: int = 10) -> Any:
    """Return boto3's client: nothing is tried twice, and no proxy stands between."""
    session: Any = boto3.session.Session()
    return session.client(
        service,
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  # no secret: local engines take any
        config=Config(
            retries={"total_max_attempts": 1},
            read_timeout=120,
            proxies={},
            max_pool_connections=connections,
        ),
    )


class Running:
    """One peer's server.

    **On failure**: a server that does not get ready is stopped, and one that an aborted run left is stopped
    before another starts.
    """

    kept: ClassVar[tuple[Path, ...]] = ()
    """What its home keeps from run to run."""

    def __init__(self, peer: Peer, home: str) -> None:
        """Start it in an empty home below `BENCH`, and wait until it answers.

        Raises:
            StandError: It does not get ready.
        """
        self.peer = peer
        self.home = folder = (BENCH / home).absolute()
        peer.server(folder).stop()
        _empty(folder, {folder / each for each in self.kept})
        self._server = peer.server(folder)
        self.port = self._server.port
        self.connect()
        try:
            self._server.start()
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def connect(self) -> None:
        """Make its clients; nobody listens yet."""
        raise NotImplementedError

    def ask(self) -> None:
        """Ask for something that each service that is measured can answer."""
        raise NotImplementedError

    def _wait_until_ready(self) -> None:
        deadline = CLOCK.monotonic() + READY_SECONDS
        while self._server.process():
            try:
                self.ask()
            except (BotoCoreError, ClientError) as error:
                if CLOCK.monotonic() > deadline:
                    what = f"did not answer within {READY_SECONDS:g} s"
                    raise NotReadyError(self.peer.name, what, str(error), self._server.log) from error
                CLOCK.sleep(_POLL_SECONDS)
            else:
                return
        raise NotReadyError(self.peer.name, "ended at its start", "", self._server.log)

    def stop(self) -> None:
        """End it, its children included, and remove its files but for its log."""
        self._server.stop()
        _empty(self.home, {*(self.home / each for each in self.kept), self.home / "logs"})

    def cpu_seconds(self) -> float:
        """Return the CPU time of its process tree so far, user and system."""
        return sum(cpu_seconds_of(each) for each in self._tree())

    def resident_bytes(self) -> int:
        """Return the resident memory of its process tree."""
        return sum(each.memory_info().rss for each in self._tree())

    def _tree(self) -> list[psutil.Process]:
        process = self._server.process()
        if not process:
            msg = f"{self.peer.name} ended while it was measured; its log is {self._server.log}"
            raise StandError(msg)
        return [process, *process.children(recursive=True)]


def cpu_seconds_of(process: psutil.Process) -> float:
    """Return the CPU time of one process so far, user and system; 0 where it is gone."""
    if sys.platform == "linux":
        with suppress(OSError):
            return time.clock_gettime(~process.pid << 3 | _CPU_CLOCK)
        return 0.0
    times = process.cpu_times()
    return times.user + times.system


def _empty(folder: Path, kept: Collection[Path]) -> None:
    """Remove all below a folder but what is kept."""
    for each in folder.iterdir() if folder.exists() else ():
        if each in kept:
            continue
        if any(path.is_relative_to(each) for path in kept):
            _empty(each, kept)
        elif each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()
