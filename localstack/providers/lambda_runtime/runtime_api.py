"""The Lambda Runtime API of one execution environment, on a port of 127.0.0.1.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import Any

_PREFIX = "/2018-06-01/runtime/"


@dataclass(frozen=True, slots=True)
class Work:
    """One invocation, as the runtime is handed it."""

    body: bytes
    headers: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Said:
    """What the runtime said.

    Attributes:
        request_id: Of the invocation; None of the initialisation.
        is_error: Whether it is an error's payload.
        body: The payload.
    """

    request_id: str | None
    is_error: bool
    body: bytes


class RuntimeApi:
    """Hands one process at a time its invocations, and collects what it answers."""

    def __init__(self) -> None:
        """Listen on a free port."""
        self.said: Queue[Said] = Queue()
        self.is_ready = threading.Event()
        self._work: Queue[Work | None] = Queue()
        self._server = _Server(self)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(
            target=self._server.serve_forever, args=(0.5,), daemon=True, name="lambda-api"
        ).start()

    def hand(self, work: Work) -> None:
        """Give the runtime an invocation."""
        self._work.put(work)

    def forget(self) -> None:
        """Begin anew with another process: what was for the last one or by it is dropped."""
        self.is_ready.clear()
        self._work.put(None)  # whoever still waits for the last process lets go
        self._work = Queue()
        while True:
            try:
                self.said.get_nowait()
            except Empty:
                return

    def close(self) -> None:
        """Stop listening."""
        self._work.put(None)
        self._server.shutdown()
        self._server.server_close()

    def next(self) -> Work | None:
        """Wait for an invocation; None where the process is no longer meant."""
        work = self._work
        self.is_ready.set()
        return work.get()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, api: RuntimeApi) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.api = api


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:  # the library's name
        if self.path != f"{_PREFIX}invocation/next":
            self._reply(HTTPStatus.NOT_FOUND)
            return
        work = self.server.api.next()
        if work is None:
            self.close_connection = True
            return
        self._reply(HTTPStatus.OK, work.body, work.headers)

    def do_POST(self) -> None:  # the library's name
        body = self._body()
        match self.path.removeprefix(_PREFIX).split("/"):
            case ["init", "error"]:
                self.server.api.said.put(Said(None, is_error=True, body=body))
                self.server.api.is_ready.set()
            case ["invocation", request_id, ("response" | "error") as kind]:
                self.server.api.said.put(Said(request_id, is_error=kind == "error", body=body))
            case _:
                self._reply(HTTPStatus.NOT_FOUND)
                return
        self._reply(HTTPStatus.ACCEPTED, b'{"status":"OK"}', [("Content-Type", "application/json")])

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _reply(self, status: int, body: bytes = b"", headers: Sequence[tuple[str, str]] = ()) -> None:
        try:
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # the process is gone; whoever waits for it knows
            self.close_connection = True
