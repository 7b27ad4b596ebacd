"""The local stack: LocalStack and the warehouse, started and stopped together."""

import shutil
from dataclasses import dataclass

import psutil

from app.stack.cloud import cloud, kinesis_folder
from app.stack.process import Server
from app.stack.settings import StandSettings
from app.stack.warehouse import warehouse, warehouse_folder


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """How one server stands.

    Attributes:
        name: As people call it.
        port: On 127.0.0.1.
        pid: None where it does not run.
        is_ready: Whether it answers.
        memory_bytes: Resident memory, its children's included.
    """

    name: str
    port: int
    pid: int | None
    is_ready: bool
    memory_bytes: int


class Stack:
    """Both servers of one stand.

    **On failure**: what was started is stopped, Ctrl-C included.
    """

    def __init__(self, settings: StandSettings) -> None:
        """Start nothing yet."""
        self._settings = settings
        self.servers: tuple[Server, ...] = (warehouse(settings), cloud(settings))

    def up(self) -> list[str]:
        """Start what does not run, wait until all answer, and return the names of those started.

        Lake, checkpoints and warehouse are kept together or not at all: where the cloud is down, they start
        empty. Kinesis keeps its streams and records, so that what it retains can be read again from the
        start.

        Raises:
            PortTakenError: A port is taken.
            NotReadyError: A server ended, or did not answer in time.
        """
        if not self.is_cloud_up:
            # Its world went with it, and a warehouse that outlived it would count what comes again twice.
            self.down()
            self._empty()
        missing = [server for server in self.servers if not server.process()]
        try:
            for server in missing:
                server.start()
            for server in self.servers:
                server.wait_until_ready()
        except BaseException:
            for server in missing:
                server.stop()
            raise
        return [server.name for server in missing]

    def down(self) -> list[str]:
        """Stop both, and return the names of those that ran."""
        return [server.name for server in reversed(self.servers) if server.stop()]

    def reset(self) -> None:
        """Stop both, and forget all that they hold, streams included."""
        self.down()
        self._empty()
        shutil.rmtree(kinesis_folder(self._settings), ignore_errors=True)

    @property
    def is_cloud_up(self) -> bool:
        """Whether LocalStack runs."""
        *_, cloud_server = self.servers
        return cloud_server.process() is not None

    @property
    def is_warehouse_up(self) -> bool:
        """Whether the warehouse runs."""
        warehouse_server, *_ = self.servers
        return warehouse_server.process() is not None

    def _empty(self) -> None:
        shutil.rmtree(warehouse_folder(self._settings), ignore_errors=True)
        for name in ("root", "volume", "tmp", "mappings", "spark"):
            shutil.rmtree(self._settings.home.absolute() / "cloud" / name, ignore_errors=True)
        self.servers = (warehouse(self._settings), cloud(self._settings))

    def status(self) -> list[ServerStatus]:
        """Return how each server stands."""
        return [_status(server) for server in self.servers]


def _status(server: Server) -> ServerStatus:
    process = server.process()
    memory = 0
    if process:
        for each in (process, *process.children(recursive=True)):
            try:
                memory += each.memory_info().rss
            except psutil.NoSuchProcess:
                continue
    pid = process.pid if process else None
    return ServerStatus(server.name, server.port, pid, process is not None and server.is_ready(), memory)
