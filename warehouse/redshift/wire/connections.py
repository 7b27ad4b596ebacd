"""The clients that are connected: what STV_SESSIONS shows, and how one cancels another's statement."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hmac import compare_digest
from threading import Lock

from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.result import Result
from warehouse.redshift.session import Session, State


@dataclass(slots=True)
class Client:
    """One client that was let in.

    Attributes:
        secret: What a CancelRequest has to know beside the pid.
        session: That runs its statements.
        database: That it asked for.
        remote: Its address and port.
        started: When it was let in, in UTC.
        statement: What it runs now, or ran last.
    """

    session: Session
    database: str
    remote: str
    secret: int = field(default_factory=lambda: secrets.randbits(31), repr=False)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    statement: str = ""

    @property
    def pid(self) -> int:
        """What Redshift calls its process."""
        return self.session.pid

    def run(self, sql: str, *, settles: bool) -> Result:
        """Run one statement; a transaction that the client did not begin ends with it where it settles.

        Raises:
            RedshiftError: It failed.
        """
        self.statement = sql
        (result,) = self.session.run([sql], settles=settles)
        return result

    @property
    def application(self) -> str:
        """What it calls itself."""
        return self.session.parameters["application_name"]

    @property
    def user(self) -> str:
        """Who it is."""
        return self.session.user

    @property
    def state(self) -> State:
        """Of its transaction."""
        return self.session.state


class Connections:
    """All clients of one warehouse, up to a limit.

    **Parallelism**: any thread may ask.
    """

    def __init__(self, limit: int) -> None:
        """Hold none.

        Args:
            limit: As many may be connected; AWS, "Quotas and limits in Amazon Redshift".
        """
        self.limit = limit
        self._clients: dict[int, Client] = {}
        self._lock = Lock()

    @contextmanager
    def joined(self, session: Session, database: str, remote: str) -> Iterator[Client]:
        """Let a client in for as long as the context lasts.

        Raises:
            RedshiftError: There are as many as may be.
        """
        with self._lock:
            if len(self._clients) >= self.limit:
                msg = f"connection limit {self.limit} exceeded"
                raise RedshiftError(msg, "53300")
            client = Client(session, database, remote)
            self._clients[client.pid] = client
        try:
            yield client
        finally:
            with self._lock:
                del self._clients[client.pid]

    def all(self) -> list[Client]:
        """Return who is connected."""
        with self._lock:
            return list(self._clients.values())

    def cancel(self, pid: int, secret: int) -> bool:
        """Cancel what a client runs, where the secret is its own; return whether it is."""
        with self._lock:
            client = self._clients.get(pid)
        is_right = client is not None and compare_digest(str(client.secret), str(secret))
        if client is not None and is_right:
            client.session.cancel()
        return is_right
