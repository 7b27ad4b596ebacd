"""Statements of the Data API: what was asked, how it stands, what it gave."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

from warehouse.redshift.engine import Result

Status = Literal["SUBMITTED", "PICKED", "STARTED", "FINISHED", "FAILED", "ABORTED"]

MOST_STATEMENTS = 5_000
MOST_ROWS = 2_000_000
KEPT_SECONDS = 24 * 3600.0
"""As long as AWS keeps a result; sooner where there are more statements or rows than the two above."""


class TokenReusedError(Exception):
    """A client token came again, with another statement."""


@dataclass(slots=True)
class StoredStatement:
    """One call of ExecuteStatement or BatchExecuteStatement; times are seconds since 1970.

    Attributes:
        failed_number: Which statement of the batch failed, from 1; 0 while none has.
    """

    identifier: str
    sqls: tuple[str, ...]
    parameters: Mapping[str, str]
    is_batch: bool
    target: Mapping[str, str]
    created: float
    updated: float
    status: Status = "SUBMITTED"
    duration_nanos: int = 0
    error: str = ""
    failed_number: int = 0
    results: Sequence[Result] = field(default_factory=tuple)

    @property
    def is_done(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.status in {"FINISHED", "FAILED", "ABORTED"}

    @property
    def row_count(self) -> int:
        """How many rows of results it holds."""
        return sum(len(result.rows) for result in self.results)


class StatementStore:
    """The last statements, by identifier and by the token of the client that sent them."""

    def __init__(self, most_statements: int = MOST_STATEMENTS, most_rows: int = MOST_ROWS) -> None:
        """Remember none, and later never more than these."""
        self._most_statements = most_statements
        self._most_rows = most_rows
        self._statements: OrderedDict[str, StoredStatement] = OrderedDict()
        self._tokens: dict[str, str] = {}
        self._lock = Lock()

    def add(self, statement: StoredStatement, token: str | None) -> StoredStatement:
        """Remember a statement; one sent before with the same token is returned in its place.

        Raises:
            TokenReusedError: That one was another statement.
        """
        with self._lock:
            if token and (known := self._statements.get(self._tokens.get(token, ""))):
                if (known.sqls, known.parameters) != (statement.sqls, statement.parameters):
                    raise TokenReusedError(token)
                return known
            self._forget(statement.created)
            self._statements[statement.identifier] = statement
            if token:
                self._tokens[token] = statement.identifier
        return statement

    def get(self, identifier: str) -> StoredStatement | None:
        """Return a statement, or None where it is not remembered."""
        with self._lock:
            return self._statements.get(identifier)

    def _forget(self, now: float) -> None:
        """Forget the oldest that are done; what still runs stays."""
        rows = sum(statement.row_count for statement in self._statements.values())
        forgotten = set()
        for statement in list(self._statements.values()):
            is_full = len(self._statements) >= self._most_statements or rows > self._most_rows
            if not is_full and now - statement.created < KEPT_SECONDS:
                break
            if statement.is_done:
                rows -= statement.row_count
                forgotten.add(statement.identifier)
                del self._statements[statement.identifier]
        if forgotten:
            self._tokens = {key: name for key, name in self._tokens.items() if name not in forgotten}
