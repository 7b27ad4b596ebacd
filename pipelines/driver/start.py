"""Where a stream begins that was never read: one answer for all of its shards, kept beside their checkpoints.

`LATEST` is kept as the moment at which it was first said: a plan must mean the same whenever it is run, and a
child shard that opens later is to be read from its own start.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from contracts.errors import MillraceError
from contracts.positions import ResumeAfter

StartType = Literal["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"]
"""Kinesis's own words. The others that it has are positions in one shard."""
START_TYPES: tuple[StartType, ...] = get_args(StartType)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a stream begins.

    Attributes:
        type: As it was asked for.
        since: Milliseconds since 1970; None where all that Kinesis retains is read.
    """

    type: StartType = "TRIM_HORIZON"
    since: int | None = None

    @property
    def position(self) -> ResumeAfter:
        """Of each shard that has no checkpoint."""
        return ResumeAfter(since=self.since)

    def is_kept_by(self, kept: "Start") -> bool:
        """Return whether a stream that began at `kept` is what is asked for: LATEST is, whenever that was."""
        return self == kept or self.type == kept.type == "LATEST"

    def __str__(self) -> str:
        """Write it as one asks for it, and of LATEST when that was."""
        if self.since is None:
            return self.type
        moment = datetime.fromtimestamp(self.since / 1000, UTC).isoformat(timespec="milliseconds")
        return f"{self.type}={moment}" if self.type == "AT_TIMESTAMP" else f"{self.type} ({moment})"


FROM_THE_START = Start()


class StreamBegunError(MillraceError):
    """A stream is to begin elsewhere than it did."""

    def __init__(self, stream: str, kept: Start) -> None:
        """Keep the stream, and where it began."""
        super().__init__(stream, kept)
        self.stream = stream
        self.kept = kept

    def __str__(self) -> str:
        """Say what holds, and how to begin anew."""
        return (
            f"`{self.stream}` began at {self.kept} and goes on where it was committed; leave --start "
            "away, or give MILLRACE_CHECKPOINTS and MILLRACE_LAKE names of their own to read it once more"
        )
