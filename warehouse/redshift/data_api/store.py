"""The statements of the last day, by identifier and by the token of the client that sent them."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import islice
from threading import Lock

from warehouse.redshift.data_api.errors import DataApiError, not_valid
from warehouse.redshift.data_api.statement import TTL_SECONDS, Statement

MOST_STATEMENTS = 5_000
MOST_BYTES = 2**30
"""Of all results that are kept; the oldest are forgotten sooner than AWS does where there are more."""
MOST_ACTIVE = 500
"""AWS, "Quotas for the Amazon Redshift Data API": statements that are not done, for one cluster."""


class StatementStore:
    """What is known of statements.

    **Parallelism**: any thread. **Order**: as they came. **On failure**: it is memory; a warehouse that
    starts again knows none.
    """

    def __init__(
        self,
        most_statements: int = MOST_STATEMENTS,
        most_bytes: int = MOST_BYTES,
        most_active: int = MOST_ACTIVE,
    ) -> None:
        """Remember none, and later never more than these."""
        self._most_statements = most_statements
        self._most_bytes = most_bytes
        self._most_active = most_active
        self._statements: OrderedDict[str, Statement] = OrderedDict()
        self._tokens: dict[str, str] = {}
        self._count = 0
        self._lock = Lock()

    def sent_before(self, fresh: Statement, token: str | None) -> Statement | None:
        """Return the statement that was sent with a token.

        Raises:
            DataApiError: That was another request.
        """
        with self._lock:
            known = self._statements.get(self._tokens.get(token or "", ""))
        if known and known.request != fresh.request:
            raise not_valid("ClientToken was sent before, with another request")
        return known

    def make_room(self, now: float) -> None:
        """Forget what is too old or too much.

        Raises:
            DataApiError: There are as many statements that are not done as may be.
        """
        with self._lock:
            self._forget(now)
            active = sum(not each.is_done for each in self._statements.values())
            if active >= self._most_active:
                message = f"{active} statements are active; the limit is {self._most_active}"
                raise DataApiError("ActiveStatementsExceededException", message)

    def add(self, statement: Statement, token: str | None) -> None:
        """Remember a statement, for which there is room."""
        with self._lock:
            self._count += 1
            statement.number = self._count
            self._statements[statement.identifier] = statement
            if token:
                self._tokens[token] = statement.identifier

    def get(self, identifier: str) -> Statement | None:
        """Return a statement, or None where it is not remembered."""
        return self._statements.get(identifier)

    def newest(self, before: int, most: int, is_asked: Callable[[Statement], bool]) -> list[Statement]:
        """Return up to `most` statements, the newest first, with numbers under `before` (0 for any)."""
        with self._lock:
            statements = list(self._statements.values())
        return list(islice(_asked(statements, before, is_asked), most))

    def _forget(self, now: float) -> None:
        """Forget the oldest that are done; what still runs stays."""
        size = sum(statement.size_bytes for statement in self._statements.values())
        forgotten = set()
        for statement in list(self._statements.values()):
            is_full = len(self._statements) >= self._most_statements or size > self._most_bytes
            if not is_full and now - statement.created < TTL_SECONDS:
                break
            if statement.is_done:
                size -= statement.size_bytes
                forgotten.add(statement.identifier)
                del self._statements[statement.identifier]
        if forgotten:
            self._tokens = {key: name for key, name in self._tokens.items() if name not in forgotten}


def _asked(
    statements: list[Statement], before: int, is_asked: Callable[[Statement], bool]
) -> Iterator[Statement]:
    for statement in reversed(statements):
        if (not before or statement.number < before) and is_asked(statement):
            yield statement
