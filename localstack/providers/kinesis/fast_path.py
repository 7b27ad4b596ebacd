"""The short way: JSON requests are answered before the gateway parses them, bytes in and bytes out.

Everything else goes the gateway's way (provider.py): CBOR, compressed bodies, SubscribeToShard's event
stream, and requests without a signature. Account and region are found by the gateway's own handlers.
"""

import gc
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import orjson
from localstack.aws import handlers

from localstack.providers.kinesis.engine import SUBSCRIBE, Engine
from localstack.providers.kinesis.errors import KinesisError
from localstack.providers.kinesis.world import Caller

TARGET = "Kinesis_20131202."
JSON = "application/x-amz-json-1.1"
# 10 MiB of records as base64, and as much again for what JSON adds to 500 of them.
MOST_BODY_BYTES = 2 * 10 * 2**20


class FastPath:
    """A handler of the gateway's chain."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine that provider.py serves too."""
        self._engine = engine

    def __call__(self, chain: Any, context: Any, response: Any) -> None:
        """Answer a request that is ours, and leave every other one alone."""
        request = context.request
        service, _, operation = request.headers.get("X-Amz-Target", "").partition(".")
        if f"{service}." != TARGET or not _is_plain(request, operation):
            return
        if (request.content_length or 0) > MOST_BODY_BYTES:
            gc.collect()  # the gateway's objects of a request are a cycle, and the last such body hangs on it
            error = KinesisError(
                "RequestEntityTooLargeException",
                f"the request has more than {MOST_BODY_BYTES} bytes",
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            )
            _respond(chain, error.status, _body(error))
            return
        for enrich in (handlers.add_region_from_header, handlers.rewrite_region, handlers.add_account_id):
            enrich(chain, context, response)
        caller = Caller(context.account_id, context.region)
        try:
            answer = self._engine.call(operation, _decoded(request.get_data()), caller)
        except KinesisError as error:
            _respond(chain, error.status, _body(error))
        else:
            _respond(chain, HTTPStatus.OK, answer)


def _is_plain(request: Any, operation: str) -> bool:
    return (
        operation != SUBSCRIBE
        and "Authorization" in request.headers
        and "Content-Encoding" not in request.headers
        and "cbor" not in request.headers.get("Content-Type", "")
    )


def _decoded(body: bytes) -> Any:
    try:
        return orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        raise KinesisError("SerializationException", "the body is not valid JSON") from None


def _body(error: KinesisError) -> bytes:
    return orjson.dumps({"__type": error.code, "message": error.message})


def _respond(chain: Any, status: int, body: bytes) -> None:
    chain.respond(status, body, {"Content-Type": JSON, "x-amzn-RequestId": str(uuid4())})
