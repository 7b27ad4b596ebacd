"""Errors of jobs that run by EMR Serverless: one clear line each.

StandError
├── JobFailedError      a run ended with an error, or was cancelled
└── UsageError
    ├── NoJobError      there is no job of a name
    └── NoRunError      there is no run of an id
"""

from collections.abc import Sequence

from app.errors import StandError, UsageError


class JobFailedError(StandError):
    """A run ended, and not with success."""

    def __init__(self, job: str, run: str, state: str, reason: str) -> None:
        """Keep which, how and why.

        Args:
            job: Its name.
            run: Its id.
            state: FAILED or CANCELLED.
            reason: What EMR Serverless says of it; may be empty.
        """
        super().__init__(job, run, state, reason)
        self.job = job
        self.run = run
        self.state = state
        self.reason = reason

    def __str__(self) -> str:
        """Say which, how and why, and where its log is."""
        reason = f": {self.reason}" if self.reason else ""
        return f"job `{self.job}` {self.state.lower()}{reason}; `millrace job logs {self.run}` has its log"


class NoJobError(UsageError):
    """There is no job of a name."""

    def __init__(self, job: str, jobs: Sequence[str]) -> None:
        """Keep its name, and those that there are."""
        super().__init__(job, jobs)
        self.job = job
        self.jobs = jobs

    def __str__(self) -> str:
        """Say which there are."""
        return f"there is no job `{self.job}`; there are: {', '.join(self.jobs)}"


class NoRunError(UsageError):
    """There is no run of an id."""

    def __init__(self, run: str) -> None:
        """Keep its id."""
        super().__init__(run)
        self.run = run

    def __str__(self) -> str:
        """Say where they are listed."""
        return f"there is no run `{self.run}`; `millrace job list` shows those that there are"
