"""What the engine holds: clusters, their groups of instances, and their steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

STEP_ENDED = frozenset({"COMPLETED", "CANCELLED", "FAILED", "INTERRUPTED"})
TERMINATED = frozenset({"TERMINATED", "TERMINATED_WITH_ERRORS"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended.

    Attributes:
        is_success: Whether it ended with 0.
        reason: What EMR calls it, such as "Application ended with exit code 1".
        message: The line that says most.
    """

    is_success: bool
    reason: str = ""
    message: str = ""


class Attempt(Protocol):
    """A step on its way."""

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, its logs being where they belong; None until then."""
        ...

    def stop(self) -> None:
        """Have it end soon, and return at once."""
        ...


class Machines(Protocol):
    """Master and workers of a cluster."""

    @property
    def is_up(self) -> bool:
        """Whether as many run as were asked for last."""
        ...

    @property
    def failure(self) -> str:
        """Why they did not come up, or are down; empty where they are up, or may be yet."""
        ...

    def resize(self, workers: int) -> None:
        """Have so many workers soon, and return at once."""
        ...

    def run(self, step: "Step") -> Attempt:
        """Begin a step, and return at once."""
        ...

    def stop(self) -> None:
        """Have all end soon, and return at once."""
        ...

    @property
    def is_down(self) -> bool:
        """Whether nothing of it runs any more, after `stop`."""
        ...


@dataclass(slots=True)
class Group:
    """A group of instances.

    Attributes:
        role: MASTER, CORE or TASK.
        requested: How many are wanted.
        running: How many there are.
    """

    id: str
    role: str
    type: str
    name: str
    requested: int
    running: int = 0


@dataclass(slots=True)
class Step:
    """A step: one command of the cluster.

    Attributes:
        request: As StepConfig had it.
    """

    id: str
    request: Mapping[str, Any]
    created_at: datetime
    state: str = "PENDING"
    message: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    attempt: Attempt | None = None
    is_cancelling: bool = False

    @property
    def action_on_failure(self) -> str:
        """What a failure leads to: TERMINATE_CLUSTER, CANCEL_AND_WAIT or CONTINUE."""
        asked: str = self.request.get("ActionOnFailure") or "TERMINATE_CLUSTER"
        return asked.replace("TERMINATE_JOB_FLOW", "TERMINATE_CLUSTER")


@dataclass(slots=True)
class Cluster:
    """A cluster, also called a job flow.

    Attributes:
        request: As RunJobFlow had it.
        layers: Properties of Spark, of its Configurations.
        ready_at: When it took its first step, or could have.
        idle_since: Since when it waits for steps.
        ending: The state that it will have ended in, once nothing of it runs.
    """

    id: str
    arn: str
    request: Mapping[str, Any]
    layers: Mapping[str, str]
    groups: list[Group]
    created_at: datetime
    tags: dict[str, str]
    machines: Machines
    state: str = "STARTING"
    reason_code: str = ""
    reason: str = ""
    ready_at: datetime | None = None
    ended_at: datetime | None = None
    idle_since: datetime | None = None
    is_kept_alive: bool = False
    is_protected: bool = False
    idle_timeout_seconds: int | None = None
    ending: str = ""
    steps: list[Step] = field(default_factory=list)

    @property
    def workers(self) -> int:
        """How many workers it is to have: one where there are none but the master's."""
        return sum(group.requested for group in self.groups if group.role != "MASTER") or 1
