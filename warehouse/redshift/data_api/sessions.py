"""Sessions that clients keep between statements: their temporary tables, settings and open transactions.

Source: AWS, Amazon Redshift Management Guide, "Considerations when calling the Amazon Redshift Data API"
(session reuse), and Data API Reference, "ListSessions".
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal
from uuid import uuid4

from warehouse.redshift.data_api.errors import DataApiError, not_valid
from warehouse.redshift.data_api.statement import TTL_SECONDS
from warehouse.redshift.session import Session

MOST_SESSIONS = 500
"""AWS, "Quotas for the Amazon Redshift Data API": sessions that are kept, for one cluster."""
_MOST_CLOSED = 5_000

SessionStatus = Literal["AVAILABLE", "BUSY", "CLOSED"]


@dataclass(slots=True, eq=False)
class KeptSession:
    """One session; times are seconds since 1970.

    Attributes:
        keep_seconds: How long it is kept after a statement has ended.
        pid: As its statements tell it.
        expires: When it is closed; a day after it was made at the latest.
        statement_id: Of the statement that has it; nothing while none has.
        number: Of the sessions in the order in which they were made, from 1.
    """

    target: Mapping[str, str]
    session: Session
    pid: int
    keep_seconds: int
    created: float
    number: int = 0
    identifier: str = field(default_factory=lambda: str(uuid4()))
    updated: float = 0.0
    expires: float = 0.0
    statement_id: str = ""
    is_closed: bool = False

    @property
    def status(self) -> SessionStatus:
        """As ListSessions has it."""
        if self.is_closed:
            return "CLOSED"
        return "BUSY" if self.statement_id else "AVAILABLE"


class Sessions:
    """The sessions that are kept.

    **Parallelism**: any thread; one statement at a time has a session. **On failure**: a session that is not
    used for as long as its client said is closed, and its transaction rolled back.
    """

    def __init__(self, clock: Callable[[], float], most: int = MOST_SESSIONS) -> None:
        """Keep none, and never more than so many."""
        self._clock = clock
        self._most = most
        self._sessions: OrderedDict[str, KeptSession] = OrderedDict()
        self._count = 0
        self._lock = Lock()

    def keep(self, kept: KeptSession, statement_id: str) -> None:
        """Keep a new session, for a statement that has it first.

        Raises:
            DataApiError: There are as many as may be.
        """
        self.expire()
        with self._lock:
            open_now = sum(not each.is_closed for each in self._sessions.values())
            if open_now >= self._most:
                message = f"{open_now} sessions are open; the limit is {self._most}"
                raise DataApiError("ActiveSessionsExceededException", message)
            self._count += 1
            kept.number, kept.statement_id, kept.updated = self._count, statement_id, kept.created
            kept.expires = kept.created + TTL_SECONDS
            self._sessions[kept.identifier] = kept

    def take(
        self, identifier: str, statement_id: str, keep_seconds: int | None, named: Mapping[str, str]
    ) -> KeptSession:
        """Return a session that is free, and have it; the client may say anew how long it is kept.

        Raises:
            DataApiError: It never was, it is closed, another statement has it, or it is of another database
                or user than the client named.
        """
        self.expire()
        with self._lock:
            kept = self._sessions.get(identifier)
            if kept is None:
                raise not_valid(f"Session with Id: {identifier} is invalid")
            if kept.status != "AVAILABLE":
                raise not_valid(f"Session is not available; it is {kept.status}")
            for name, value in named.items():
                if kept.target.get(name) != value:
                    raise not_valid(f"{name} `{value}` is not the session's, `{kept.target.get(name)}`")
            kept.statement_id, kept.updated = statement_id, self._clock()
            if keep_seconds is not None:
                kept.keep_seconds = keep_seconds
        return kept

    def give_back(self, kept: KeptSession) -> None:
        """Let the next statement have a session; it is closed when none comes."""
        now = self._clock()
        with self._lock:
            kept.statement_id, kept.updated = "", now
            kept.expires = min(now + kept.keep_seconds, kept.created + TTL_SECONDS)
        if kept.keep_seconds == 0:
            self.expire()

    def expire(self) -> None:
        """Close what nobody came back for; what is closed is told for a day."""
        now = self._clock()
        with self._lock:
            ended = [each for each in self._sessions.values() if each.status == "AVAILABLE"]
            ended = [each for each in ended if each.expires <= now]
            for kept in ended:
                kept.is_closed, kept.updated = True, now
            closed = [each for each in self._sessions.values() if each.is_closed]
            for kept in closed[: max(0, len(closed) - _MOST_CLOSED)]:
                del self._sessions[kept.identifier]
            for kept in closed:
                if now - kept.updated >= TTL_SECONDS:
                    self._sessions.pop(kept.identifier, None)
        for kept in ended:
            kept.session.close()

    def get(self, identifier: str) -> KeptSession | None:
        """Return a session, or None where there never was one."""
        self.expire()
        return self._sessions.get(identifier)

    def newest(self) -> list[KeptSession]:
        """Return all that are known, the newest first."""
        self.expire()
        with self._lock:
            return list(reversed(self._sessions.values()))

    def close(self) -> None:
        """Close all; no statement runs any more."""
        with self._lock:
            sessions = [each for each in self._sessions.values() if not each.is_closed]
            for kept in sessions:
                kept.is_closed = True
        for kept in sessions:
            kept.session.close()
