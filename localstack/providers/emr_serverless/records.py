"""What the engine holds: applications and their runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

ENDED = frozenset({"SUCCESS", "FAILED", "CANCELLED"})
"""States that a run never leaves."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended.

    Attributes:
        is_success: Whether the driver ended with 0.
        details: Why it failed, in a line; or what else is to be known.
    """

    is_success: bool
    details: str = ""


class Attempt(Protocol):
    """One attempt of a run, on its way."""

    @property
    def is_running(self) -> bool:
        """Whether its driver was started."""
        ...

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, its logs being where they belong; None until then."""
        ...

    def stop(self, grace_seconds: float) -> None:
        """Have it end soon, and return at once."""
        ...


@dataclass(slots=True)
class Application:
    """An application.

    Attributes:
        settings: As the request gave them, those of UpdateApplication on top.
        idle_since: When its last run ended, or it was started.
    """

    id: str
    arn: str
    settings: dict[str, Any]
    tags: dict[str, str]
    created_at: datetime
    updated_at: datetime
    state: str = "CREATING"
    details: str = ""
    idle_since: datetime | None = None


@dataclass(slots=True)
class AttemptRecord:
    """What is known of one attempt of a run, for good."""

    number: int
    created_at: datetime
    updated_at: datetime
    state: str
    details: str = ""


@dataclass(slots=True)
class Run:
    """A job run.

    Attributes:
        request: As StartJobRun had it.
        configuration: Of the application when the run was submitted.
        monitoring: Where its logs go, by the run or else by the application.
        attempts: Oldest first.
        attempt: The one on its way.
        will_retry: Whether a failure leads to one more attempt.
    """

    id: str
    arn: str
    application: Application
    request: Mapping[str, Any]
    configuration: list[Any]
    monitoring: Mapping[str, Any]
    created_by: str
    tags: dict[str, str]
    created_at: datetime
    updated_at: datetime
    state: str = "SUBMITTED"
    details: str = ""
    attempts: list[AttemptRecord] = field(default_factory=list)
    attempt: Attempt | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def will_retry(self) -> bool:
        """Whether a failure leads to one more attempt."""
        return len(self.attempts) < int(self.request.get("retryPolicy", {}).get("maxAttempts", 1))

    def enter(self, state: str, now: datetime, details: str = "") -> None:
        """Go on to a state."""
        self.state, self.details, self.updated_at = state, details, now
        if self.attempts:
            current = self.attempts[-1]
            current.state, current.details, current.updated_at = state, details, now
