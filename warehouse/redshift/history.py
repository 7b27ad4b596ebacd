"""What sessions ran, and which there are: kept in memory, bounded, and shown by the system's views.

AWS keeps such records for 2 to 7 days ("STL views for logging"); here they end with the process.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from threading import Lock

from warehouse.redshift.dialect.tokens import first_word
from warehouse.redshift.errors import CancelledError

MOST = 10_000
"""Statements, loads and sessions that are kept, of each."""

FIRST_PID = 1_073_741_824
"""Redshift's process ids are as large."""

LONGEST = 65_535
"""Characters of a statement that are kept."""

_QUERIES = {"(", "copy", "delete", "insert", "merge", "select", "unload", "update", "with"}
_CHANGES = {"alter", "create", "drop", "truncate"}
_WITH_SECRETS = {"alter", "copy", "create", "unload"}
_SECRET = re.compile(
    r"\b(password|(?:with\s+)?credentials(?:\s+as)?|access_key_id|secret_access_key|session_token|"
    r"master_symmetric_key|encrypted\s+password)(\s+(?:as\s+)?)'(?:[^']|'')*'",
    re.IGNORECASE,
)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def masked(sql: str) -> str:
    """Return a statement without its secrets, as AWS keeps it.

    >>> masked("create user u password 'abc' in group g")
    "create user u password '***' in group g"
    """
    return _SECRET.sub(r"\1\2'***'", sql)


@dataclass(slots=True)
class Client:
    """A session that is there, or was.

    Attributes:
        pid: Its number, as `pg_backend_pid()` says it.
        user: Who it is for.
        began: When.
        ended: When it closed; None while it is there.
        query: Number of its last statement.
        copied: Rows that its last COPY loaded.
        copy: Number of its last COPY.
        transaction: Number of its transaction.
    """

    pid: int
    user: str
    began: datetime
    ended: datetime | None = None
    query: int = -1
    copied: int = -1
    copy: int = -1
    transaction: int = 0


@dataclass(slots=True)
class Ran:
    """A statement that ran, or runs.

    Attributes:
        query: Its number.
        client: Whose it is.
        transaction: In which it ran.
        text: Without secrets.
        kind: query, ddl or utility.
        began: When.
        ended: When; None while it runs.
        rows: That it gave or wrote.
        status: running, success, failed or canceled.
        error: What the client was told.
    """

    query: int
    client: Client
    transaction: int
    text: str
    kind: str
    began: datetime
    ended: datetime | None = None
    rows: int = 0
    status: str = "running"
    error: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a COPY loaded.

    Attributes:
        ran: The statement.
        table: That it filled.
        source: What its FROM says.
        filenames: That it read, as URLs.
        rows: Of all of them.
    """

    ran: Ran
    table: str
    source: str
    filenames: tuple[str, ...]
    rows: int


@dataclass(slots=True)
class History:
    """The records of one engine; any thread may add to them.

    Attributes:
        now: The time, in UTC and without a zone.
    """

    now: Callable[[], datetime] = _now
    _clients: deque[Client] = field(default_factory=lambda: deque(maxlen=MOST))
    _statements: deque[Ran] = field(default_factory=lambda: deque(maxlen=MOST))
    _loads: deque[Loaded] = field(default_factory=lambda: deque(maxlen=MOST))
    _pids: "count[int]" = field(default_factory=lambda: count(FIRST_PID))
    _queries: "count[int]" = field(default_factory=lambda: count(1))
    _transactions: "count[int]" = field(default_factory=lambda: count(1))
    _open: dict[int, Client] = field(default_factory=dict)
    _guard: Lock = field(default_factory=Lock)

    def connect(self, user: str) -> Client:
        """Write down a session that begins."""
        client = Client(next(self._pids), user, self.now())
        with self._guard:
            self._clients.append(client)
            self._open[client.pid] = client
        return client

    def disconnect(self, client: Client) -> None:
        """Write down that it ended."""
        client.ended = self.now()
        with self._guard:
            self._open.pop(client.pid, None)

    @contextmanager
    def running(self, client: Client, sql: str, *, is_new_transaction: bool) -> Iterator[Ran]:
        """Write down a statement, and how it ends."""
        ran = self._begin(client, sql, is_new_transaction=is_new_transaction)
        try:
            yield ran
        except Exception as error:
            ran.status = "canceled" if isinstance(error, CancelledError) else "failed"
            ran.error = str(error)
            raise
        else:
            ran.status = "success"
        finally:
            ran.ended = self.now()

    def load(self, loaded: Loaded) -> None:
        """Write down what a COPY loaded."""
        loaded.ran.client.copy, loaded.ran.client.copied = loaded.ran.query, loaded.rows
        with self._guard:
            self._loads.append(loaded)

    def client(self, pid: int) -> Client | None:
        """Return a session that is there."""
        return self._open.get(pid)

    def kept_clients(self) -> list[Client]:
        """Return the sessions that are there, and the last that were."""
        with self._guard:
            past = [client for client in self._clients if client.ended]
            return [*past, *self._open.values()]

    def kept_statements(self) -> list[Ran]:
        """Return the last statements, in the order in which they began."""
        with self._guard:
            return list(self._statements)

    def kept_loads(self) -> list[Loaded]:
        """Return what the last COPYs loaded."""
        with self._guard:
            return list(self._loads)

    def _begin(self, client: Client, sql: str, *, is_new_transaction: bool) -> Ran:
        if is_new_transaction:
            client.transaction = next(self._transactions)
        first = first_word(sql[:LONGEST])
        text = masked(sql[:LONGEST]) if first in _WITH_SECRETS else sql[:LONGEST]
        kind = "query" if not first or first in _QUERIES else "ddl" if first in _CHANGES else "utility"
        ran = Ran(next(self._queries), client, client.transaction, text, kind, self.now())
        client.query = ran.query
        with self._guard:
            self._statements.append(ran)
        return ran
