"""One demo or job at a time on one stand: two would empty each other's world."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import UsageError


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold a stand while the block runs; the lock falls with the process, however that ends.

    Raises:
        UsageError: Another demo or job holds it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "stand.lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            msg = (
                f"another demo or job runs on {home}: wait for it, or give this one a MILLRACE_HOME and ports"
            )
            raise UsageError(msg) from None
        yield
