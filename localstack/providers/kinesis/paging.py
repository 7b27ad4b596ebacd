"""Lists in pages, and the opaque tokens between them."""

import base64
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any

import orjson

from localstack.providers.kinesis.errors import KinesisError, invalid

LIFETIME_SECONDS = 300
_DIGEST_BYTES = 8


def page[T](
    items: Sequence[T], most: int, after: str | None, key: Callable[[T], str]
) -> tuple[list[T], bool]:
    """Return up to `most` items whose key follows `after`, and whether there are more; `items` is sorted."""
    rest = [item for item in items if after is None or key(item) > after]
    return rest[:most], len(rest) > most


def token(operation: str, state: dict[str, Any], now: float) -> str:
    """Return a NextToken of an operation that carries `state`."""
    payload = orjson.dumps({"issued": now, **state})
    return base64.b64encode(_digest(operation, payload) + payload).decode()


def read_token(operation: str, text: str, now: float) -> dict[str, Any]:
    """Return the state that a NextToken carries.

    Raises:
        KinesisError: InvalidArgumentException, it is no token; ExpiredNextTokenException, it is older than
            300 s.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise invalid("Invalid NextToken.") from None
    payload = raw[_DIGEST_BYTES:]
    if raw[:_DIGEST_BYTES] != _digest(operation, payload):
        raise invalid("Invalid NextToken.")
    state: dict[str, Any] = orjson.loads(payload)
    if now - state["issued"] > LIFETIME_SECONDS:
        raise KinesisError("ExpiredNextTokenException", "NextToken has expired.")
    return state


def _digest(operation: str, payload: bytes) -> bytes:
    return blake2b(payload, digest_size=_DIGEST_BYTES, key=operation.encode()).digest()
