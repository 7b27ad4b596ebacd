"""What was done about one resource, and the errors where it is not as it is desired."""

from dataclasses import dataclass
from typing import Literal

Action = Literal["created", "tagged", "updated", "unchanged"]


class BootstrapError(Exception):
    """The local cloud is not as it is desired."""


class ResourceDiffersError(BootstrapError):
    """A resource is there, and is not as it is desired."""

    def __init__(self, resource: str, wanted: str, found: str) -> None:
        """Keep what is wanted and what is there."""
        super().__init__(resource, wanted, found)
        self.resource = resource
        self.wanted = wanted
        self.found = found

    def __str__(self) -> str:
        """Say both, and what to do."""
        return (
            f"{self.resource} is there with {self.found} and is to have {self.wanted}; "
            "it is left as it is: delete it, or change localstack/bootstrap/resources.yml"
        )


class ResourceFailedError(BootstrapError):
    """A resource could not be made as it is desired."""

    def __init__(self, resource: str, reason: str) -> None:
        """Keep which, and why."""
        super().__init__(resource, reason)
        self.resource = resource
        self.reason = reason

    def __str__(self) -> str:
        """Say both, and where more stands."""
        return f"{self.resource} could not be made: {self.reason}; .millrace/logs/cloud.log may say more"


@dataclass(frozen=True, slots=True)
class Change:
    """What was done about one resource."""

    resource: str
    action: Action
