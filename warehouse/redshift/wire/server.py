"""The server of PostgreSQL's protocol, on loopback only: one thread a client."""

import socket
import sys
from contextlib import suppress
from threading import Lock, Thread

from warehouse.redshift.engine import Engine
from warehouse.redshift.wire.connection import serve
from warehouse.redshift.wire.startup import Doors
from warehouse.redshift.wire.stream import Stream

HOST = "127.0.0.1"
SPARE = 50
"""Connections beyond the limit of clients: who asks to come in, is told that all are taken, or cancels."""
_BACKLOG = 512
_STOP_SECONDS = 10.0


class WireServer:
    """Answers clients of Redshift on a port of 127.0.0.1.

    **Parallelism**: a thread and a session each. **On failure**: a client that fails harms no other.
    """

    def __init__(self, port: int, engine: Engine, doors: Doors) -> None:
        """Bind the port; 0 takes any that is free.

        Raises:
            OSError: The port is taken.
        """
        self._engine = engine
        self._doors = doors
        self._streams: dict[Stream, Thread] = {}
        self._lock = Lock()
        self._listener = socket.create_server((HOST, port), backlog=_BACKLOG)
        self.port: int = self._listener.getsockname()[1]
        self._thread = Thread(target=self._accept, name="wire", daemon=True)

    def start(self) -> None:
        """Let clients in, in a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Let nobody in any more, cancel what runs, and return when all clients are gone."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for clients
        self._listener.close()
        if self._thread.ident:
            self._thread.join(_STOP_SECONDS)
        with self._lock:
            streams = dict(self._streams)
        for stream in streams:
            stream.shutdown()
        for client in self._doors.connections.all():
            client.session.cancel()
        for thread in streams.values():
            thread.join(_STOP_SECONDS)

    def _accept(self) -> None:
        while True:
            try:
                connection, address = self._listener.accept()
            except OSError:
                return  # it was closed
            with self._lock:
                is_full = len(self._streams) >= self._doors.connections.limit + SPARE
            if is_full:
                connection.close()
                continue
            remote = "{}:{}".format(*address[:2])
            try:
                self._begin(connection, remote)
            except (OSError, RuntimeError) as error:  # the client is gone, or there are no more threads
                connection.close()
                sys.stderr.write(f"warehouse: cannot serve {remote}: {error!r}\n")

    def _begin(self, connection: socket.socket, remote: str) -> None:
        stream = Stream(connection)
        thread = Thread(target=self._serve, args=(stream, remote), name=f"wire {remote}", daemon=True)
        with self._lock:
            self._streams[stream] = thread
        try:
            thread.start()
        except RuntimeError:
            self._forget(stream)
            raise

    def _serve(self, stream: Stream, remote: str) -> None:
        try:
            serve(stream, self._engine, self._doors, remote)
        except Exception as error:  # noqa: BLE001  # a thread has nobody above it
            sys.stderr.write(f"warehouse: lost {remote}: {error!r}\n")
        finally:
            self._forget(stream)
            stream.close()

    def _forget(self, stream: Stream) -> None:
        with self._lock:
            self._streams.pop(stream, None)
