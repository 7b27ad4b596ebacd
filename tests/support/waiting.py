"""Waiting for what another process does: looked for again and again, for so long and no longer."""

import time
from collections.abc import Callable

POLL_SECONDS = 0.02


def until[Found](look: Callable[[], Found], seconds: float = 60) -> Found:
    """Return what `look` finds, once it finds something.

    Raises:
        TimeoutError: It found nothing in time.
    """
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            msg = f"nothing was found within {seconds:g} s"
            raise TimeoutError(msg)
        time.sleep(POLL_SECONDS)
    return found
