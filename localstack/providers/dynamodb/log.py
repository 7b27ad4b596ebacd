"""The records of a shard in memory: lines of JSON, packed, so that a year of changes fits.

Lines lie in blocks of `BLOCK_LINES`; a full block is compressed, because neighbouring records are alike.
"""

import zlib
from collections import deque

BLOCK_LINES = 64
_LEVEL = 1  # of zlib: twice as fast as the default, a tenth larger


class Log:
    """Lines by position, the oldest forgotten block by block.

    Not safe for threads; its owner has a lock.
    """

    def __init__(self) -> None:
        """Hold nothing yet."""
        self.first = 0
        """Position of the oldest line that is kept."""
        self._blocks: deque[tuple[bytes, float]] = deque()
        self._tail: list[bytes] = []
        self._newest = 0.0
        self._unpacked: tuple[bytes, list[bytes]] = (b"", [])

    @property
    def end(self) -> int:
        """Return the position that the next line gets."""
        return self.first + len(self._blocks) * BLOCK_LINES + len(self._tail)

    @property
    def memory_bytes(self) -> int:
        """Return how many bytes the lines take, without Python's own of some 50 a block."""
        return sum(len(block) for block, _ in self._blocks) + sum(map(len, self._tail))

    def append(self, line: bytes, at: float) -> None:
        """Add a line without a line feed; `at` is its time, in seconds."""
        self._tail.append(line)
        self._newest = at
        if len(self._tail) == BLOCK_LINES:
            self._blocks.append((zlib.compress(b"\n".join(self._tail), _LEVEL), at))
            self._tail = []

    def read(self, position: int, limit: int, max_bytes: int) -> list[bytes]:
        """Return lines from a position on: at least one where there is one, else up to both limits."""
        found: list[bytes] = []
        size = 0
        while position < self.end and len(found) < limit:
            block, offset = divmod(position - self.first, BLOCK_LINES)
            for line in self._lines(block)[offset:]:
                if len(found) == limit or (found and size + len(line) > max_bytes):
                    return found
                found.append(line)
                size += len(line)
                position += 1
        return found

    def trim(self, before: float) -> None:
        """Forget the blocks whose last line is older than a time in seconds."""
        while self._blocks and self._blocks[0][1] < before:
            self._blocks.popleft()
            self.first += BLOCK_LINES
        if self._tail and not self._blocks and self._newest < before:
            self.first += len(self._tail)
            self._tail = []

    def _lines(self, block: int) -> list[bytes]:
        if block == len(self._blocks):
            return self._tail
        packed = self._blocks[block][0]
        if self._unpacked[0] is not packed:
            self._unpacked = (packed, zlib.decompress(packed).split(b"\n"))
        return self._unpacked[1]
