"""Files of the engine: written before a request is acknowledged, and flushed for power loss where asked."""

import os
from collections.abc import Iterable
from pathlib import Path
from threading import Condition


class Disk:
    """Writes to files that survive any kill of the process.

    What was written is in the system's page cache, which outlives a process and not a power cut. With
    `fsync`,
    `commit` waits until it is on the device; one flush serves all who wait at that moment.
    """

    def __init__(self, *, fsync: bool = False) -> None:
        """Flush to the device, or leave that to the system."""
        self._fsync = fsync
        self._state = Condition()
        self._dirty: set[Path] = set()
        self._is_flushing = False
        self._broken: OSError | None = None
        self._flushes = 0  # that have begun
        self._flushed = 0  # the last one that has ended

    def write_at(self, path: Path, offset: int, data: bytes) -> None:
        """Write all of `data` at `offset`; opened anew each time: a thousand shards hold no descriptors."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            done = 0
            while done < len(data):
                done += os.pwrite(descriptor, memoryview(data)[done:], offset + done)
        except OSError:
            os.ftruncate(descriptor, offset)  # a full disk leaves no half of it
            raise
        finally:
            os.close(descriptor)
        self._touch((path, path.parent))

    def make_folder(self, path: Path) -> None:
        """Make a folder, and those above it."""
        if not path.is_dir():
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._touch((path.parent,))

    def replace(self, path: Path, data: bytes) -> None:
        """Write a whole file: who reads it sees the old one or the new one."""
        draft = path.with_suffix(".draft")
        self.write_at(draft, 0, data)
        os.truncate(draft, len(data))
        _flush(draft)  # always: a torn file of settings would cost the stream
        draft.replace(path)
        self._touch((path.parent,))

    def remove(self, path: Path) -> None:
        """Delete a file."""
        path.unlink()
        self._touch((path.parent,))

    def commit(self) -> None:
        """Return when all that was written before the call is safe.

        Raises:
            OSError: The device refused; what was written may be lost with the power.
        """
        with self._state:
            mine = self._flushes + 1 if self._dirty else self._flushes
            while self._flushed < mine:
                if self._broken:
                    raise OSError(self._broken.errno, self._broken.strerror)
                if self._is_flushing:
                    self._state.wait()
                    continue
                self._is_flushing = True
                self._flushes += 1
                now, paths, self._dirty = self._flushes, self._dirty, set()
                self._state.release()
                try:
                    for path in paths:
                        _flush(path)
                except OSError as error:
                    # The system may have dropped what it could not write: no later flush can be trusted.
                    self._broken, now = error, self._flushed
                    raise
                finally:
                    self._state.acquire()
                    self._is_flushing = False
                    self._flushed = now
                    self._state.notify_all()

    def _touch(self, paths: Iterable[Path]) -> None:
        if self._fsync:
            with self._state:
                self._dirty.update(paths)


def _flush(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:  # trimmed or deleted since
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_at(path: Path, offset: int, length: int) -> bytes:
    """Return `length` bytes from `offset`.

    Raises:
        FileNotFoundError: The file was trimmed.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.pread(descriptor, length, offset)
    finally:
        os.close(descriptor)
