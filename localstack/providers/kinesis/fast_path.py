"""The short way: JSON requests are answered before the gateway sees them, bytes in and bytes out.

Everything else goes the gateway's way (provider.py): CBOR, compressed bodies, SubscribeToShard's event
stream, and requests without a signature.
"""

import logging
import re
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import orjson
from localstack.aws.accounts import get_account_id_from_access_key_id
from localstack.aws.handlers.region import DefaultRegionRewriterStrategy
from twisted.internet.threads import deferToThread
from twisted.python.components import proxyForInterface
from twisted.web.resource import IResource
from twisted.web.server import NOT_DONE_YET

from localstack.providers.kinesis.engine import SUBSCRIBE, Engine
from localstack.providers.kinesis.errors import KinesisError, internal
from localstack.providers.kinesis.world import Caller

TARGET = b"Kinesis_20131202."
JSON = b"application/x-amz-json-1.1"
# 10 MiB of records as base64, and as much again for what JSON adds to 500 of them.
MOST_BODY_BYTES = 2 * 10 * 2**20

_TOO_LARGE = KinesisError(
    "RequestEntityTooLargeException", f"the request has more than {MOST_BODY_BYTES} bytes"
)
_CREDENTIAL = re.compile(r"Credential=([^/\s]+)/[^/\s]*/([^/\s]+)/kinesis/")
_LOGGER = logging.getLogger(__name__)
_REGIONS = DefaultRegionRewriterStrategy()


class FastPath(proxyForInterface(IResource)):  # type: ignore[misc]  # made at run time
    """The root of the gateway's site, with Kinesis taken out of it."""

    isLeaf = True  # noqa: N815  # twisted's name

    def __init__(self, original: Any, engine: Engine) -> None:
        """Take the site's own root, and the engine that provider.py serves too."""
        super().__init__(original)
        self._engine = engine

    def render(self, request: Any) -> Any:
        """Answer a request that is ours in a thread, and leave every other one to the gateway."""
        operation, caller = _addressed(request)
        if caller is None:
            return self.original.render(request)
        if request.content.seek(0, 2) > MOST_BODY_BYTES:
            _respond(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _body(_TOO_LARGE))
            return NOT_DONE_YET
        request.content.seek(0)
        answer = deferToThread(self._answer, operation, caller, request.content.read())
        hung_up: list[Any] = []
        request.notifyFinish().addErrback(hung_up.append)
        answer.addCallback(lambda done: None if hung_up else _respond(request, *done))
        return NOT_DONE_YET

    def _answer(self, operation: str, caller: Caller, body: bytes) -> tuple[int, bytes]:
        try:
            return HTTPStatus.OK, self._engine.call(operation, _decoded(body), caller)
        except KinesisError as error:
            return error.status, _body(error)
        except Exception:
            _LOGGER.exception("%s failed", operation)
            return HTTPStatus.INTERNAL_SERVER_ERROR, _body(internal())


def _addressed(request: Any) -> tuple[str, Caller | None]:
    """Return operation and caller of a request that is ours; no caller where it is the gateway's."""
    target = request.getHeader(b"x-amz-target") or b""
    operation = target.removeprefix(TARGET).decode("latin-1")
    is_ours = (
        request.method == b"POST"
        and target.startswith(TARGET)
        and operation != SUBSCRIBE
        and not request.getHeader(b"content-encoding")
        and b"cbor" not in (request.getHeader(b"content-type") or b"")
    )
    if not is_ours:
        return operation, None
    return operation, _caller((request.getHeader(b"authorization") or b"").decode("latin-1"))


def _caller(authorization: str) -> Caller | None:
    credential = _CREDENTIAL.search(authorization)
    return _of_credential(*credential.groups()) if credential else None


@lru_cache(maxsize=256)
def _of_credential(key: str, region: str) -> Caller:
    """Return account and region as the gateway's own handlers find them."""
    known = region if region in _REGIONS.available_regions else _REGIONS.default_region
    return Caller(get_account_id_from_access_key_id(key), known)


def _decoded(body: bytes) -> Any:
    try:
        return orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        raise KinesisError("SerializationException", "the body is not valid JSON") from None


def _body(error: KinesisError) -> bytes:
    return orjson.dumps({"__type": error.code, "message": error.message})


def _respond(request: Any, status: int, body: bytes) -> None:
    request.setResponseCode(int(status))
    headers = request.responseHeaders
    headers.setRawHeaders(b"Content-Type", [JSON])
    headers.setRawHeaders(b"x-amzn-RequestId", [str(uuid4()).encode()])
    headers.setRawHeaders(b"Content-Length", [b"%d" % len(body)])
    request.write(body)
    request.finish()
