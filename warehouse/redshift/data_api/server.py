"""The Data API over HTTP, in AWS's JSON 1.1 protocol, on loopback only."""

import json
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from warehouse.redshift.data_api.operations import DataApi, DataApiError

LARGEST_REQUEST = 16 * 2**20


class DataApiServer(ThreadingHTTPServer):
    """Answers GET /health, and POST with `X-Amz-Target: RedshiftData.<Operation>`."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, api: DataApi) -> None:
        """Bind a port of 127.0.0.1.

        Raises:
            OSError: The port is taken.
        """
        super().__init__(("127.0.0.1", port), _Handler)
        self.api = api


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: DataApiServer

    def do_GET(self) -> None:
        if self.path == "/health":
            self._answer(HTTPStatus.OK, {"status": "available"})
        else:
            self._answer(HTTPStatus.NOT_FOUND, {"message": "there is only /health"})

    def do_POST(self) -> None:
        try:
            self._answer(HTTPStatus.OK, self._call())
        except DataApiError as error:
            body = {"__type": error.code, "message": error.message, "Message": error.message}
            self._answer(HTTPStatus.BAD_REQUEST, body)

    def _call(self) -> dict[str, Any]:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_REQUEST:
            self.close_connection = True
            raise DataApiError(
                "ValidationException", f"a request may have {LARGEST_REQUEST} bytes; got {length}"
            )
        service, _, operation = self.headers.get("X-Amz-Target", "").partition(".")
        if service != "RedshiftData":
            raise DataApiError("ValidationException", "X-Amz-Target must name an operation of RedshiftData")
        try:
            request = json.loads(self.rfile.read(length) or b"{}")
            return self.server.api.call(operation, request)
        except (KeyError, TypeError, ValueError) as error:
            raise DataApiError("ValidationException", f"request is not valid: {error!r}") from None

    def _answer(self, status: HTTPStatus, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: object) -> None:
        """Keep quiet: LocalStack logs the requests."""
