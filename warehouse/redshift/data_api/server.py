"""The Data API and the API of clusters over HTTP, in AWS's JSON 1.1 protocol, on loopback only."""

import json
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from warehouse.redshift.data_api.errors import DataApiError
from warehouse.redshift.data_api.operations import DataApi
from warehouse.redshift.snapshots.api import ClusterApi
from warehouse.redshift.snapshots.errors import ClusterError

LARGEST_REQUEST = 8 * 2**20
"""In bytes: a batch of the largest statements, and what JSON adds to them."""


class DataApiServer(ThreadingHTTPServer):
    """Answers GET /health, and POST with `X-Amz-Target`: an operation of `RedshiftData` or of `Redshift`."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, api: DataApi, clusters: ClusterApi) -> None:
        """Bind a port of 127.0.0.1.

        Raises:
            OSError: The port is taken.
        """
        super().__init__(("127.0.0.1", port), _Handler)
        self.services = {"Redshift": clusters.call, "RedshiftData": api.call}

    def handle_error(self, _request: Any, client_address: Any) -> None:
        """Say in one line that a client went away."""
        sys.stderr.write(f"warehouse: lost {client_address}: {sys.exc_info()[1]!r}\n")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer's head and body leave together
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
            self._refuse(HTTPStatus.BAD_REQUEST, error.code, error.message, **error.members)
        except ClusterError as error:
            self._refuse(HTTPStatus(error.status), error.code, error.message)
        except OSError:
            raise  # the client is gone
        except Exception as error:  # noqa: BLE001  # the client is told, and the server lives on
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, "InternalServerException", repr(error))

    def _call(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > LARGEST_REQUEST:
            self.close_connection = True  # the body stays unread
            raise DataApiError(
                "ValidationException", f"a request may have {LARGEST_REQUEST} bytes; got {length}"
            )
        body = self.rfile.read(int(length))
        service, _, operation = self.headers.get("X-Amz-Target", "").partition(".")
        call = self.server.services.get(service)
        if call is None:
            message = "X-Amz-Target must name an operation of RedshiftData or Redshift"
            raise DataApiError("ValidationException", message)
        try:
            request = json.loads(body or b"{}")
        except (ValueError, RecursionError) as error:
            raise DataApiError("SerializationException", f"the request is no JSON: {error}") from None
        if not isinstance(request, dict):
            raise DataApiError("SerializationException", "the request is no JSON object")
        return call(operation, request)

    def _refuse(self, status: HTTPStatus, code: str, message: str, **members: str) -> None:
        self._answer(status, {"__type": code, "message": message, "Message": message, **members})

    def _answer(self, status: HTTPStatus, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: object) -> None:
        """Keep quiet: LocalStack logs the requests."""
