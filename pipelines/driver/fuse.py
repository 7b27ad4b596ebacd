"""The fuse: a stream that rejects most of what it reads is stopped, since something else is broken."""

from collections import deque

from contracts.errors import MillraceError
from contracts.manifest import RangeManifest

LEAST_RECORDS = 1_000
"""Fewer tell nothing of a share."""

WINDOW_RECORDS = 10_000
"""Of the last records so many are looked at, by whole ranges."""


class FuseBlownError(MillraceError):
    """Too many of the last records are no events."""

    def __init__(self, stream: str, rejects: int, records: int, most_share: float) -> None:
        """Keep what was counted."""
        super().__init__(stream, rejects, records, most_share)
        self.stream = stream
        self.rejects = rejects
        self.records = records
        self.most_share = most_share

    def __str__(self) -> str:
        """Say how many, where they are, and how to go on."""
        return (
            f"{self.rejects:,} of the last {self.records:,} records of `{self.stream}` are no events, more "
            f"than {self.most_share:.0%}; they are under rejects/ in the lake with their reasons; nothing is "
            "lost: mend the producer and start the stream again, or allow more with --most-rejects"
        )


class Fuse:
    """Counts what one stream rejects.

    >>> fuse = Fuse("flight-events", 0.5)
    >>> fuse.count(1_000, 500)
    >>> fuse.count(10, 10)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    pipelines.driver.fuse.FuseBlownError: 510 of the last 1,010 records of `flight-events` are no events...
    """

    def __init__(self, stream: str, most_share: float) -> None:
        """Take the share of rejects that is too much when it is passed; 1 allows all."""
        self._stream = stream
        self._most_share = most_share
        self._ranges: deque[tuple[int, int]] = deque()
        self._records = 0
        self._rejects = 0

    def note(self, manifest: RangeManifest) -> None:
        """Count a range that is committed.

        Raises:
            FuseBlownError: Too many of the last records were rejected.
        """
        self.count(manifest.records, manifest.rejects)

    def count(self, records: int, rejects: int) -> None:
        """Count records, and those among them that were rejected.

        Raises:
            FuseBlownError: Too many of the last records were rejected.
        """
        self._ranges.append((records, rejects))
        self._records += records
        self._rejects += rejects
        while self._records - self._ranges[0][0] >= WINDOW_RECORDS:
            old_records, old_rejects = self._ranges.popleft()
            self._records -= old_records
            self._rejects -= old_rejects
        if self._records >= LEAST_RECORDS and self._rejects > self._most_share * self._records:
            raise FuseBlownError(self._stream, self._rejects, self._records, self._most_share)
