"""Who runs the statements of the Data API, and in which sessions."""

import itertools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

from warehouse.redshift.data_api.events import no_events
from warehouse.redshift.data_api.running import cancel, run
from warehouse.redshift.data_api.sessions import MOST_SESSIONS, KeptSession, Sessions
from warehouse.redshift.data_api.statement import Statement
from warehouse.redshift.engine import Engine

WORKERS = 8
_LOOK_SECONDS = 1.0
"""How often sessions that nobody came back for are looked for; who asks for one hears at once."""
_USER = "IAM:root"
"""AWS derives the user from who calls, where the request names none; LocalStack takes all for root."""


class Workers:
    """Runs statements.

    **Parallelism**: up to `WORKERS` statements at once, and one more in each session that is kept: it may be
    the one that ends a transaction which the others wait for. **On failure**: the statement says why.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], float],
        on_end: Callable[[Statement], None] = no_events,
        workers: int = WORKERS,
    ) -> None:
        """Wait for statements; tell `on_end` of those that asked for it."""
        self.sessions = Sessions(clock)
        self._engine = engine
        self._clock = clock
        self._on_end = on_end
        self._pids = itertools.count(1)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="statement")
        self._kept_pool = ThreadPoolExecutor(MOST_SESSIONS, thread_name_prefix="session")
        self._event_pool = ThreadPoolExecutor(1, thread_name_prefix="event")
        self._is_closed = Event()
        Thread(target=self._look_for_expired, name="sessions", daemon=True).start()

    def close(self) -> None:
        """Let running statements end; take no more, and close what is kept."""
        self._is_closed.set()
        for pool in (self._pool, self._kept_pool):
            pool.shutdown(cancel_futures=True)
        self.sessions.close()
        self._event_pool.shutdown()

    def keep(self, statement: Statement, target: Mapping[str, str], keep_seconds: int) -> None:
        """Make a session that is kept, and give it to a statement.

        Raises:
            DataApiError: There are as many as may be.
        """
        session = self._engine.session(target.get("DbUser", _USER))
        kept = KeptSession(target, session, next(self._pids), keep_seconds, statement.created)
        try:
            self.sessions.keep(kept, statement.identifier)
        except BaseException:
            session.close()
            raise
        self._give(statement, kept)

    def take(self, statement: Statement, identifier: str, keep_seconds: int | None) -> None:
        """Give a session that is kept to a statement.

        Raises:
            DataApiError: It cannot have it.
        """
        named = statement.asked.target
        self._give(statement, self.sessions.take(identifier, statement.identifier, keep_seconds, named))

    def submit(self, statement: Statement) -> None:
        """Have a statement run when its turn comes."""
        pool = self._kept_pool if statement.session_id else self._pool
        statement.future = pool.submit(self._run, statement)

    def cancel(self, statement: Statement) -> None:
        """Have a statement end as ABORTED.

        Raises:
            DataApiError: It has ended before.
        """
        if cancel(statement, self._clock, lambda: self.release(statement)):
            self._tell(statement)

    def release(self, statement: Statement) -> None:
        """Take its session from a statement: it is kept, or closed."""
        kept = self.sessions.get(statement.session_id) if statement.session_id else None
        if kept:
            self.sessions.give_back(kept)
        elif statement.session:
            statement.session.close()

    def _give(self, statement: Statement, kept: KeptSession) -> None:
        statement.session, statement.session_id, statement.pid = kept.session, kept.identifier, kept.pid

    def _run(self, statement: Statement) -> None:
        statement.move("PICKED", self._clock())
        if statement.session is None:
            statement.session = self._engine.session(statement.asked.target.get("DbUser", _USER))
            statement.pid = next(self._pids)
        run(statement, statement.session, self._clock, lambda: self.release(statement))
        self._tell(statement)

    def _tell(self, statement: Statement) -> None:
        if statement.asked.is_with_event:
            self._event_pool.submit(self._on_end, statement)

    def _look_for_expired(self) -> None:
        while not self._is_closed.wait(_LOOK_SECONDS):
            self.sessions.expire()
