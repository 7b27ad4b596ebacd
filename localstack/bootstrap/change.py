"""What was done about one resource, and the error where it is not as it is desired."""

from dataclasses import dataclass
from typing import Literal

Action = Literal["created", "tagged", "updated", "unchanged"]


class ResourceDiffersError(Exception):
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


@dataclass(frozen=True, slots=True)
class Change:
    """What was done about one resource."""

    resource: str
    action: Action
