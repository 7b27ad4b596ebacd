"""An S3 in memory behind HTTP, which answers a request for a certain object when it is told to."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qs, unquote, urlsplit


class SlowS3(ThreadingHTTPServer):
    """Objects by path; buckets are all there."""

    daemon_threads = True

    def __init__(self) -> None:
        """Hold nothing, and nobody up."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.held = ("", "")
        """Method and end of the path of the requests that wait."""
        self.is_asked = Event()
        self.may_answer = Event()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"

    @contextmanager
    def serving(self) -> Iterator["SlowS3"]:
        """Serve while the block runs."""
        Thread(target=self.serve_forever, daemon=True).start()
        yield self
        self.may_answer.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: SlowS3

    def do_PUT(self) -> None:
        body = self._body()
        self._wait()
        if self._path().count("/") > 1:
            self.server.objects[self._path()] = body
        self._answer(200)

    def do_GET(self) -> None:
        self._wait()
        query = parse_qs(urlsplit(self.path).query)
        if "list-type" in query:
            prefix = f"{self._path()}/{query['prefix'][0]}"
            found = [
                f"<Contents><Key>{path.split('/', 2)[2]}</Key><ETag>x</ETag><Size>{len(data)}</Size>"
                "</Contents>"
                for path, data in sorted(self.server.objects.items())
                if path.startswith(prefix)
            ]
            self._answer(200, f"<ListBucketResult>{''.join(found)}</ListBucketResult>".encode())
        else:
            self._answer(200, self.server.objects[self._path()])

    def do_DELETE(self) -> None:
        self.server.objects.pop(self._path(), None)
        self._answer(204)

    def _wait(self) -> None:
        method, end = self.server.held
        if end and self.command == method and self._path().endswith(end):
            self.server.is_asked.set()
            self.server.may_answer.wait(60)

    def _path(self) -> str:
        return unquote(urlsplit(self.path).path)

    def _body(self) -> bytes:
        if self.headers.get("Expect"):
            self.send_response_only(100)
            self.end_headers()
        if length := self.headers.get("Content-Length"):
            return self.rfile.read(int(length))
        return b""

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""
