"""Lists in pages, and the opaque tokens between them."""

import base64
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from localstack.providers.kinesis.errors import KinesisError, invalid

LIFETIME_SECONDS = 300


def page[T](
    items: Sequence[T], most: int, after: str | None, key: Callable[[T], str]
) -> tuple[list[T], bool]:
    """Return up to `most` items whose key follows `after`, and whether there are more; `items` is sorted."""
    rest = [item for item in items if after is None or key(item) > after]
    return rest[:most], len(rest) > most


def token(state: dict[str, Any], now: float) -> str:
    """Return a NextToken that carries `state`."""
    return base64.b64encode(orjson.dumps({"issued": now, **state})).decode()


def read_token(text: str, now: float) -> dict[str, Any]:
    """Return the state that a NextToken carries.

    Raises:
        KinesisError: InvalidArgumentException, it is no token; ExpiredNextTokenException, it is older than
            300 s.
    """
    try:
        state = orjson.loads(base64.b64decode(text, validate=True))
        issued = float(state["issued"])
    except (ValueError, KeyError, TypeError):
        raise invalid("Invalid NextToken.") from None
    if now - issued > LIFETIME_SECONDS:
        raise KinesisError("ExpiredNextTokenException", "NextToken has expired.")
    return dict(state)
