"""What a function's processes print: read as it comes, so that no one blocks, and kept up to a limit."""

import fcntl
import os
import select
import struct
import termios
import threading

MOST_BYTES = 2**20
"""Of one invocation; what is printed beyond is counted and dropped."""
_CHUNK = 2**16


class Output:
    """The read end of a pipe that a process and its children write to."""

    def __init__(self) -> None:
        """Open the pipe."""
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self._lock = threading.Lock()
        self._kept: list[bytes] = []
        self._kept_bytes = 0
        self._dropped_bytes = 0
        self._is_open = True
        threading.Thread(target=self._follow, daemon=True, name="lambda-output").start()

    def take(self) -> str:
        """Return what was printed since the last time, all that is in the pipe included."""
        with self._lock:
            if self._is_open:  # its number may be another's by now
                self._drain()
            text = b"".join(self._kept).decode("utf-8", "replace")
            if self._dropped_bytes:
                text += f"\n[{self._dropped_bytes} more bytes of this invocation's output were dropped]\n"
            self._kept, self._kept_bytes, self._dropped_bytes = [], 0, 0
            return text

    def close(self) -> None:
        """Read no more."""
        with self._lock:
            self._is_open = False
            os.close(self._read_end)
            os.close(self.write_end)

    def _follow(self) -> None:
        poll = select.poll()
        poll.register(self._read_end, select.POLLIN)
        while True:
            poll.poll(1000)
            with self._lock:
                if not self._is_open:
                    return
                self._drain()

    def _drain(self) -> None:
        """Read what is there, and no more than was there at the beginning: a flood must not hold the lock."""
        left = _available(self._read_end)
        while left > 0:
            try:
                data = os.read(self._read_end, min(left, _CHUNK))
            except BlockingIOError:
                return
            left -= len(data)
            room = MOST_BYTES - self._kept_bytes
            self._kept.append(data[:room])
            self._kept_bytes += min(len(data), room)
            self._dropped_bytes += max(0, len(data) - room)


def _available(descriptor: int) -> int:
    count: int = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0\0\0\0"))[0]
    return count
