"""Client request tokens: a transaction that is sent again within ten minutes is not done again.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from hashlib import blake2b
from typing import Any

import orjson

from localstack.providers.dynamodb.errors import DynamoDBError

KEPT_SECONDS = 10 * 60
TOKEN = "ClientRequestToken"  # noqa: S105  # a name in the API
_NO_PARAMETERS = (TOKEN, "ReturnConsumedCapacity", "ReturnItemCollectionMetrics")


class Tokens:
    """What was done under which token."""

    def __init__(self, now: Callable[[], float]) -> None:
        """Take the clock, in seconds."""
        self._now = now
        self._done: OrderedDict[Hashable, tuple[bytes, float]] = OrderedDict()

    def is_done(self, owner: Hashable, request: dict[str, Any]) -> bool:
        """Tell whether this very request was done within ten minutes.

        Raises:
            DynamoDBError: IdempotentParameterMismatchException, another request was done under its token.
        """
        while self._done and next(iter(self._done.values()))[1] < self._now() - KEPT_SECONDS:
            self._done.popitem(last=False)
        done = self._done.get((owner, request.get(TOKEN)))
        if done and done[0] != _digest(request):
            raise DynamoDBError(
                "IdempotentParameterMismatchException",
                "Same token with different request parameters provided",
            )
        return done is not None

    def note(self, owner: Hashable, request: dict[str, Any]) -> None:
        """Remember a request that was done."""
        if request.get(TOKEN):
            self._done[owner, request[TOKEN]] = (_digest(request), self._now())


def _digest(request: dict[str, Any]) -> bytes:
    parameters = {name: value for name, value in request.items() if name not in _NO_PARAMETERS}
    return blake2b(orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
