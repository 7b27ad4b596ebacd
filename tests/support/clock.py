"""A clock that is moved by hand."""

from datetime import UTC, datetime


class HandClock:
    """One that begins at 0, and moves when somebody sleeps."""

    def __init__(self) -> None:
        """Begin at 0."""
        self.seconds = 0.0

    def now(self) -> datetime:
        """See `Clock.now`."""
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        self.seconds += seconds
