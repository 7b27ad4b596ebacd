"""Time to live: when an item expires, and which have.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
"""

import heapq
import logging
from collections.abc import Callable, Hashable
from typing import Any

from localstack.providers.dynamodb.errors import DynamoDBError, invalid
from localstack.providers.dynamodb.sizes import Item

_LOGGER = logging.getLogger(__name__)
TOO_OLD_SECONDS = 5 * 365 * 24 * 3600
"""An item that expired so long ago is never deleted, lest a wrong attribute empties a table."""
_SLACK = 64


def expiry(item: Item | None, attribute: str) -> float | None:
    """Return when an item expires, in seconds since 1970; None where it does not.

    >>> expiry({"until": {"N": "1700000000"}}, "until")
    1700000000.0
    >>> expiry({"until": {"S": "1700000000"}}, "until")
    """
    number = ((item or {}).get(attribute) or {}).get("N")
    return None if number is None else float(number)


def checked(current: str | None, specification: dict[str, Any]) -> str | None:
    """Return the table's attribute after UpdateTimeToLive; None where items do not expire.

    Args:
        current: The attribute until now.
        specification: TimeToLiveSpecification of the request.

    Raises:
        DynamoDBError: ValidationException, as in
            https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
    """
    name = str(specification["AttributeName"])
    is_enabled = specification["Enabled"]
    if current is not None and name != current:
        raise invalid(
            f"TimeToLive is active on a different AttributeName: current AttributeName is {current}"
        )
    if is_enabled == (current is not None):
        raise _already("enabled" if is_enabled else "disabled")
    return name if is_enabled else None


def described(attribute: str | None) -> dict[str, str]:
    """Return the TimeToLiveDescription."""
    if attribute is None:
        return {"TimeToLiveStatus": "DISABLED"}
    return {"TimeToLiveStatus": "ENABLED", "AttributeName": attribute}


def _already(state: str) -> DynamoDBError:
    return invalid(f"TimeToLive is already {state}")


class Expiries[Key: Hashable]:
    """When each item of one table expires, so that a sweep looks at those that are due and no others."""

    def __init__(self, attribute: str) -> None:
        """Take the attribute's name."""
        self.attribute = attribute
        self._at: dict[Key, float] = {}
        self._order: list[tuple[float, int, Key]] = []
        self._count = 0

    def __len__(self) -> int:
        """Return how many items will expire."""
        return len(self._at)

    def note(self, key: Key, item: Item | None, now: float) -> None:
        """Take an item as it is now; None where it is no more."""
        at = expiry(item, self.attribute)
        if at is None or at < now - TOO_OLD_SECONDS:
            self._at.pop(key, None)
        elif self._at.get(key) != at:
            self._at[key] = at
            self._push(at, key)
            if len(self._order) > 2 * len(self._at) + _SLACK:
                self._order = []
                for each, when in self._at.items():
                    self._push(when, each)

    def due(self, now: float, limit: int) -> list[Key]:
        """Return the keys of items that have expired, the longest expired first, and forget them."""
        found: list[Key] = []
        while self._order and self._order[0][0] <= now and len(found) < limit:
            at, _, key = heapq.heappop(self._order)
            if self._at.get(key) == at:
                del self._at[key]
                found.append(key)
        return found

    def _push(self, at: float, key: Key) -> None:
        self._count += 1  # keys have no order; equal times would compare them
        heapq.heappush(self._order, (at, self._count, key))


def sweep[Key: Hashable](
    expiries: Expiries[Key], now: float, limit: int, delete: Callable[[Key], None]
) -> None:
    """Delete what is due; what cannot be deleted stays until it is written again, and keeps none back.

    Args:
        expiries: Of a table's items.
        now: In seconds since 1970.
        limit: Items at most.
        delete: Deletes one.
    """
    for key in expiries.due(now, limit):
        try:
            delete(key)
        except Exception:
            _LOGGER.exception("an item that has expired is not deleted: %s", key)
