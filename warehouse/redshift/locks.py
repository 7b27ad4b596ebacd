"""LOCK: one transaction at a time holds a table, and the others wait."""

from collections.abc import Callable, Iterable
from threading import Lock
from time import monotonic

from warehouse.redshift.errors import CancelledError, RedshiftError

WAIT_SECONDS = 60.0
_LOOK_SECONDS = 0.1
"""How often who waits looks whether it is cancelled."""


class TableLocks:
    """The locks of all tables."""

    def __init__(self, wait_seconds: float = WAIT_SECONDS) -> None:
        """Hold none."""
        self.wait_seconds = wait_seconds
        self._locks: dict[str, Lock] = {}
        self._guard = Lock()

    def of(self, table: str) -> Lock:
        """Return the lock of a table."""
        with self._guard:
            return self._locks.setdefault(table, Lock())


class Held:
    """What one transaction holds."""

    def __init__(self, locks: TableLocks) -> None:
        """Hold none."""
        self._locks = locks
        self._held: dict[str, Lock] = {}

    def add(self, tables: Iterable[str], is_cancelled: Callable[[], bool] = lambda: False) -> None:
        """Wait for tables and hold them, in the order of their names, so that two calls never deadlock.

        Raises:
            CancelledError: It was cancelled before one of them was free.
            RedshiftError: One of them was held by others for too long.
        """
        for table in sorted(set(tables) - self._held.keys()):
            lock, wait_seconds = self._locks.of(table), self._locks.wait_seconds
            if not _acquire(lock, wait_seconds, is_cancelled):
                msg = (
                    f"lock timeout: `{table}` is held by another transaction for {wait_seconds:g} s; "
                    "send the batch again"
                )
                raise RedshiftError(msg)
            self._held[table] = lock

    def release(self) -> None:
        """Let go of all."""
        for table in list(self._held):
            self._held.pop(table).release()


def _acquire(lock: Lock, wait_seconds: float, is_cancelled: Callable[[], bool]) -> bool:
    until = monotonic() + wait_seconds
    while not lock.acquire(timeout=max(0.0, min(_LOOK_SECONDS, until - monotonic()))):
        if is_cancelled():
            raise CancelledError(is_requested=True)
        if monotonic() >= until:
            return False
    return True
