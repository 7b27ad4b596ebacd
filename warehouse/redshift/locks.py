"""LOCK: one transaction at a time holds a table, and the others wait."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Lock

from warehouse.redshift.errors import RedshiftError

WAIT_SECONDS = 60.0


class TableLocks:
    """The locks of all tables; tables are always locked in the order of their names, so none can deadlock."""

    def __init__(self, wait_seconds: float = WAIT_SECONDS) -> None:
        """Hold none."""
        self._wait_seconds = wait_seconds
        self._locks: dict[str, Lock] = {}
        self._guard = Lock()

    @contextmanager
    def held(self, tables: Sequence[str]) -> Iterator[None]:
        """Hold tables while the block runs.

        Raises:
            RedshiftError: One of them was held by others for too long.
        """
        with ExitStack() as stack:
            for table in sorted(set(tables)):
                with self._guard:
                    lock = self._locks.setdefault(table, Lock())
                if not lock.acquire(timeout=self._wait_seconds):
                    msg = (
                        f"lock timeout: `{table}` is held by another transaction for "
                        f"{self._wait_seconds:g} s; send the batch again"
                    )
                    raise RedshiftError(msg)
                stack.callback(lock.release)
            yield
