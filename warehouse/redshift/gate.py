"""A gate that statements pass, and that is closed for moments in which the file must stand still."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Condition

from warehouse.redshift.errors import RedshiftError


class GateBusyError(RedshiftError):
    """The gate could not be closed: whoever was inside did not leave in time."""


class Gate:
    """Many pass at once; while it is closed nobody does, and who comes waits."""

    def __init__(self) -> None:
        """Be open."""
        self._condition = Condition()
        self._inside = 0
        self._is_closed = False

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Be inside while the block runs; wait until the gate is open."""
        with self._condition:
            self._condition.wait_for(lambda: not self._is_closed)
            self._inside += 1
        try:
            yield
        finally:
            with self._condition:
                self._inside -= 1
                self._condition.notify_all()

    @contextmanager
    def closed(self, wait_seconds: float) -> Iterator[None]:
        """Let nobody in, wait until all have left, and open when the block ends.

        Raises:
            GateBusyError: Somebody was inside for longer than this; the gate is open again.
        """
        with self._condition:
            self._condition.wait_for(lambda: not self._is_closed)
            self._is_closed = True
            is_empty = self._condition.wait_for(lambda: not self._inside, wait_seconds)
            if not is_empty:
                self._open()
                msg = f"statements ran for more than {wait_seconds:g} s"
                raise GateBusyError(msg)
        try:
            yield
        finally:
            with self._condition:
                self._open()

    def _open(self) -> None:
        self._is_closed = False
        self._condition.notify_all()


class Gates:
    """What an engine and its sessions share: a gate of all statements, and one of those that write."""

    def __init__(self) -> None:
        """Be open."""
        self.statements = Gate()
        self.writers = Gate()

    @contextmanager
    def passing(self) -> Iterator[Callable[[], None]]:
        """Be inside while the block runs; what it gives is called before something is written."""
        with self.statements.passing(), ExitStack() as writing:
            is_writing = False

            def write() -> None:
                nonlocal is_writing
                if not is_writing:
                    is_writing = True
                    writing.enter_context(self.writers.passing())

            yield write
