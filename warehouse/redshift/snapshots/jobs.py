"""What takes time: taking a snapshot, bringing one back, copying one; one after the other."""

import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from threading import Event
from time import monotonic

import duckdb

from warehouse.redshift.engine import Engine
from warehouse.redshift.gate import GateBusyError
from warehouse.redshift.snapshots.copier import fold
from warehouse.redshift.snapshots.copying import copy_file
from warehouse.redshift.snapshots.errors import DamagedError, SnapshotError
from warehouse.redshift.snapshots.snapshot import Snapshot
from warehouse.redshift.snapshots.store import SnapshotStore

PATIENCE_SECONDS = 600.0
"""For how long a snapshot is tried while somebody writes."""

RETRY_SECONDS = 10.0
RESTORE_WAIT_SECONDS = 60.0
"""For how long a restore waits for the statements that run."""


class Jobs:
    """One worker, and a folder in which files are staged; what an earlier process left in it is removed.

    **Parallelism**: one job at a time. **Order**: as they were asked for. **On failure**: `failed` is told
    why, and the warehouse goes on.
    """

    def __init__(self, engine: Engine, store: SnapshotStore, staging: Path) -> None:
        """Wait for jobs."""
        self._engine = engine
        self._store = store
        self._staging = staging
        self._stopped = Event()
        self._worker = ThreadPoolExecutor(1, "snapshots")
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)

    def close(self) -> None:
        """End the job that runs as soon as it can be, and drop those that wait."""
        self._stopped.set()
        self._worker.shutdown(cancel_futures=True)

    def submit(self, name: str, job: Callable[[], None], failed: Callable[[Exception], None]) -> None:
        """Run a job when those before it are done."""

        def run() -> None:
            try:
                job()
            except Exception as error:  # noqa: BLE001  # a worker has nobody above it: whoever asks is told
                sys.stderr.write(f"warehouse: {name}: {error}\n")
                failed(error)

        self._worker.submit(run)

    def take(self, snapshot: Snapshot) -> Snapshot:
        """Copy the file, and store it whole; return it as it is then.

        Raises:
            SnapshotError: It cannot be copied or stored.
        """
        began = monotonic()
        with self._staged() as file:
            self._copy(file)
            parts = self._store.put(snapshot, file, self._stopped)
        done = snapshot.available(parts, monotonic() - began)
        self._store.commit(done)
        return done

    def copy(self, source: Snapshot, target: Snapshot) -> Snapshot:
        """Copy a snapshot within S3; return it as it is then.

        Raises:
            SnapshotError: It cannot be copied.
        """
        began = monotonic()
        self._store.copy(source, target)
        done = target.available(source.parts, monotonic() - began)
        self._store.commit(done)
        return done

    def restore(self, snapshot: Snapshot) -> None:
        """Put a snapshot in the place of the warehouse's file; sessions that are open end.

        Raises:
            DamagedError: It is not what was taken.
            SnapshotError: It cannot be fetched.
            GateBusyError: Statements ran on; nothing has changed.
        """
        with self.fetched(snapshot) as file:
            self._engine.replace(file, RESTORE_WAIT_SECONDS)

    @contextmanager
    def fetched(self, snapshot: Snapshot) -> Iterator[Path]:
        """Give a snapshot as a file: every part of it checked, and opened once.

        Raises:
            DamagedError: It is not what was taken.
            SnapshotError: It cannot be fetched.
        """
        with self._staged() as file:
            self._store.fetch(snapshot, file)
            try:
                fold(file)
            except duckdb.Error as error:
                raise DamagedError(snapshot.identifier, f"it cannot be opened: {error}") from None
            yield file

    def _copy(self, file: Path) -> None:
        deadline = monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return copy_file(self._engine, file)
            except GateBusyError:
                if monotonic() > deadline:
                    msg = f"somebody wrote to the warehouse all the time for {PATIENCE_SECONDS:g} s"
                    raise SnapshotError(msg) from None
                if self._stopped.wait(RETRY_SECONDS):
                    msg = "the warehouse is being stopped"
                    raise SnapshotError(msg) from None

    @contextmanager
    def _staged(self) -> Iterator[Path]:
        folder = Path(mkdtemp(dir=self._staging))
        try:
            yield folder / self._engine.path.name  # a database is called as its file is
        finally:
            shutil.rmtree(folder, ignore_errors=True)
