"""A copy of the warehouse's file while it is in use: writers wait while it is copied, and readers do not."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from warehouse.redshift.engine import Engine
from warehouse.redshift.snapshots import copier
from warehouse.redshift.snapshots.errors import SnapshotError

WAIT_SECONDS = 5.0
"""For how long new writers are held while those that run are waited for."""


def copy_file(engine: Engine, target: Path, wait_seconds: float = WAIT_SECONDS) -> None:
    """Copy what is committed to a file of its own, which a warehouse could open.

    The child is ready before writers are held, so that they wait for CHECKPOINT and the copy and no more.

    Raises:
        GateBusyError: Somebody wrote for longer than that; nothing is copied.
        SnapshotError: There is no copy, or it is no database; the reason is in it.
    """
    with _child(engine.path, target) as child:
        child.hear("ready")
        with engine.quiet(wait_seconds):
            child.tell()
            child.hear("copied")
        child.tell()
        child.hear("folded")


class _Child:
    def __init__(self, process: Any) -> None:
        self._process = process

    def tell(self) -> None:
        with suppress(BrokenPipeError):  # it is gone, and what it says next tells why
            self._process.stdin.write("go\n")
            self._process.stdin.flush()

    def hear(self, word: str) -> None:
        if self._process.stdout.readline().strip() != word:
            self._process.stdin.close()
            last_words = self._process.stderr.read().strip().splitlines()[-1:]
            msg = f"the file cannot be copied: {' '.join(last_words)}"
            raise SnapshotError(msg)


@contextmanager
def _child(source: Path, target: Path) -> Iterator[_Child]:
    command = [sys.executable, "-I", copier.__file__, str(source), str(target)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:  # noqa: S603  # ours
        yield _Child(process)
