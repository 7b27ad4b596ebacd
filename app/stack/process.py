"""A server as a process of its own: started with readiness, stopped by the pid that was written down."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from app.errors import StandError
from runtime.clock import SystemClock

READY_SECONDS = 90.0
STOP_SECONDS = 20.0
_POLL_SECONDS = 0.1
_CLOCK = SystemClock()
_STARTED: list[subprocess.Popen[bytes]] = []
"""Servers outlive the command that starts them; dropping a running child's object would be warned of."""


class PortTakenError(StandError):
    """Another process listens on the port."""

    def __init__(self, name: str, port: int, holder: str) -> None:
        """Keep which port, and who has it."""
        super().__init__(name, port, holder)
        self.name = name
        self.port = port
        self.holder = holder

    def __str__(self) -> str:
        """Say who has it, and what to do."""
        return (
            f"port {self.port} for {self.name} is taken by {self.holder}: stop that, or choose another by "
            "MILLRACE_PORT, MILLRACE_WAREHOUSE_PORT or MILLRACE_WAREHOUSE_WIRE_PORT"
        )


class NotReadyError(StandError):
    """A server ended, or did not answer in time."""

    def __init__(self, name: str, what: str, last_words: str, log: Path) -> None:
        """Keep what happened, and where its log is."""
        super().__init__(name, what, last_words, log)
        self.name = name
        self.what = what
        self.last_words = last_words
        self.log = log

    def __str__(self) -> str:
        """Say what happened, its last words, and where its log is."""
        return f"{self.name} {self.what}: {self.last_words or 'no word in its log'}; its log is {self.log}"


@dataclass(frozen=True, slots=True)
class Server:
    """One server.

    Attributes:
        name: As people call it.
        command: What starts it.
        environment: Beside ours.
        port: On 127.0.0.1.
        ready_path: Answers with 200 when it is ready.
        home: Folder for its pid and its log.
        other_ports: That it listens on besides.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    port: int
    ready_path: str
    home: Path
    other_ports: tuple[int, ...] = ()

    @property
    def log(self) -> Path:
        """What it says."""
        return self.home / "logs" / f"{self.name}.log"

    @property
    def _record(self) -> Path:
        return self.home / "run" / f"{self.name}.json"

    def start(self) -> None:
        """Start it in a session of its own; nothing happens where it runs.

        Raises:
            PortTakenError: Another process listens on a port of its.
        """
        if self.process():
            return
        for port in (self.port, *self.other_ports):
            if holder := _holder(port):
                raise PortTakenError(self.name, port, holder)
        for path in (self.log, self._record):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.log, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        try:
            child = subprocess.Popen(  # noqa: S603  # the stand's own command lines
                self.command,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                start_new_session=True,
            )
        finally:
            os.close(descriptor)
        _STARTED.append(child)
        record = {"pid": child.pid, "created": psutil.Process(child.pid).create_time()}
        self._record.write_text(json.dumps(record), encoding="utf-8")

    def wait_until_ready(self) -> None:
        """Return when it answers.

        Raises:
            NotReadyError: It ended, or did not answer within `READY_SECONDS`.
        """
        deadline = _CLOCK.monotonic() + READY_SECONDS
        while not self.is_ready():
            if not self.process():
                raise NotReadyError(self.name, "ended at its start", self._last_words(), self.log)
            if _CLOCK.monotonic() > deadline:
                what = f"did not answer within {READY_SECONDS:g} s"
                raise NotReadyError(self.name, what, self._last_words(), self.log)
            _CLOCK.sleep(_POLL_SECONDS)

    def is_ready(self) -> bool:
        """Return whether it answers."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{self.ready_path}", timeout=5) as answer:
                return bool(answer.status == 200)  # noqa: PLR2004  # OK
        except (URLError, OSError):
            return False

    def process(self) -> psutil.Process | None:
        """Return the process that was started, or None; a pid that is another's by now is none."""
        try:
            record = json.loads(self._record.read_text(encoding="utf-8"))
            process = psutil.Process(record["pid"])
            is_it = process.create_time() == record["created"] and process.status() != psutil.STATUS_ZOMBIE
        except (OSError, ValueError, KeyError, psutil.NoSuchProcess):
            return None
        return process if is_it else None

    def stop(self) -> bool:
        """End it and its children, and return when they are gone; return whether it ran."""
        process = self.process()
        if process:
            with suppress(psutil.NoSuchProcess):
                children = process.children(recursive=True)
                process.terminate()
                _, alive = psutil.wait_procs([process], STOP_SECONDS)
                for each in (*alive, *children):
                    with suppress(psutil.NoSuchProcess):
                        each.kill()
                psutil.wait_procs((*alive, *children), STOP_SECONDS)
        self._record.unlink(missing_ok=True)
        _STARTED[:] = [child for child in _STARTED if child.poll() is None]
        return process is not None

    def _last_words(self) -> str:
        lines = (
            self.log.read_text(encoding="utf-8", errors="replace").splitlines() if self.log.exists() else []
        )
        return next((line.strip() for line in reversed(lines) if line.strip()), "")[:300]


def _holder(port: int) -> str:
    """Return who listens on a port of this machine, or nothing."""
    for connection in psutil.net_connections(kind="inet"):
        is_listening = connection.status == psutil.CONN_LISTEN
        if is_listening and connection.laddr and connection.laddr.port == port:
            if connection.pid is None:
                return "another user's process"
            with suppress(psutil.NoSuchProcess):
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return ""
