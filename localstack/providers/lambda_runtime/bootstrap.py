"""The first code of a function's process: limits, a watch on the parent, then AWS's runtime client.

It runs under the functions' own interpreter, by its path; nothing but the standard library comes first.
"""

import contextlib
import ctypes
import glob
import os
import resource
import signal
import sys
import threading
import time

_LOOK_SECONDS = 1.0
_PR_SET_CHILD_SUBREAPER = 36


def _end_with(parent: int) -> None:
    """End the process and all that it started once the parent is gone, be it by SIGKILL."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    for pid in _descendants(os.getpid()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    os.killpg(0, signal.SIGKILL)


def _adopt_orphans() -> None:
    """Become the parent of children whose own parent ends, so that none gets out of sight (Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _descendants(pid: int) -> list[int]:
    found = []
    for tasks in glob.glob(f"/proc/{pid}/task/*/children"):  # noqa: PTH207  # as short as can be: this is start-up
        with contextlib.suppress(OSError), open(tasks, encoding="ascii") as file:  # noqa: PTH123  # as above
            for child in map(int, file.read().split()):
                found += [child, *_descendants(child)]
    return found


def main() -> None:
    """Take the parent's pid and the handler from the command line."""
    parent, handler = int(sys.argv[1]), sys.argv[2]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _adopt_orphans()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    from awslambdaric.__main__ import main as run  # noqa: PLC0415  # slow, and not in the other environments

    run(["", handler])


main()
