"""The first code of a function's process: limits, a watch on the parent, then AWS's runtime client.

It runs under the functions' own interpreter, by its path; nothing but the standard library comes first.
"""

import os
import resource
import signal
import sys
import threading
import time

_LOOK_SECONDS = 1.0


def _end_with(parent: int) -> None:
    """End the whole process group once the parent is gone, be it by SIGKILL."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Take the parent's pid and the handler from the command line."""
    parent, handler = int(sys.argv[1]), sys.argv[2]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    from awslambdaric.__main__ import main as run  # noqa: PLC0415  # slow, and not in the other environments

    run(["", handler])


main()
