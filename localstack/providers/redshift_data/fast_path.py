"""The short way to the warehouse: requests of the Data API are forwarded before the gateway sees them.

They go as the bytes that they are, so that the warehouse, and not an older model of the API in LocalStack,
says which operations and members there are; and a client that waits holds no thread of the gateway's.
LocalStack's own clients come the gateway's way (plugin.py).
"""

import json
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from twisted.internet import reactor
from twisted.python.components import proxyForInterface
from twisted.web.client import Agent, FileBodyProducer, HTTPConnectionPool, readBody
from twisted.web.http_headers import Headers
from twisted.web.resource import IResource
from twisted.web.server import NOT_DONE_YET

from localstack.providers.redshift.forwarding import JSON, TIMEOUT_SECONDS, unavailable

_TARGET = "RedshiftData."
_CONNECTIONS = 32
"""That are kept open to the warehouse; each is a thread there."""


class FastPath(proxyForInterface(IResource)):  # type: ignore[misc]  # made at run time
    """The root of the gateway's site, with the Redshift Data API taken out of it."""

    isLeaf = True  # noqa: N815  # twisted's name

    def __init__(self, original: Any, url: str) -> None:
        """Take the site's own root, and where the warehouse is."""
        super().__init__(original)
        self._url = url
        self._reactor: Any = reactor  # its interfaces are made at run time
        pool = HTTPConnectionPool(reactor)
        pool.maxPersistentPerHost = _CONNECTIONS
        self._agent: Any = Agent(reactor, connectTimeout=5, pool=pool)

    def render(self, request: Any) -> Any:
        """Forward a request that is ours, and leave every other one to the gateway."""
        target = (request.getHeader(b"x-amz-target") or b"").decode("latin-1")
        if request.method != b"POST" or not target.startswith(_TARGET):
            return self.original.render(request)
        hung_up: list[Any] = []
        request.notifyFinish().addErrback(hung_up.append)
        answer = self._forwarded(target, request.content)
        answer.addCallback(lambda done: None if hung_up else _respond(request, *done))
        return NOT_DONE_YET

    def _forwarded(self, target: str, content: Any) -> Any:
        content.seek(0)
        headers = Headers({"X-Amz-Target": [target], "Content-Type": [JSON]})
        answer = self._agent.request(b"POST", self._url.encode(), headers, FileBodyProducer(content))
        answer.addCallback(lambda told: readBody(told).addCallback(lambda body: (told.code, body)))
        answer.addTimeout(TIMEOUT_SECONDS, self._reactor)
        return answer.addErrback(lambda failure: _unavailable(self._url, failure.value))


def _unavailable(url: str, reason: object) -> tuple[int, bytes]:
    error = unavailable(url, reason)
    body = {"__type": error.code, "message": error.message, "Message": error.message}
    return HTTPStatus.INTERNAL_SERVER_ERROR, json.dumps(body).encode()


def _respond(request: Any, status: int, body: bytes) -> None:
    request.setResponseCode(int(status))
    headers = request.responseHeaders
    headers.setRawHeaders(b"Content-Type", [JSON.encode()])
    headers.setRawHeaders(b"x-amzn-RequestId", [str(uuid4()).encode()])
    headers.setRawHeaders(b"Content-Length", [b"%d" % len(body)])
    request.write(body)
    request.finish()
