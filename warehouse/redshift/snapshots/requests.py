"""Reading a request of Redshift's API: what is not supported in it is refused by name."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from warehouse.redshift.snapshots.errors import INVALID, UNSUPPORTED, ClusterError
from warehouse.redshift.snapshots.snapshot import FOR_EVER

LONGEST_MANUAL_DAYS = 3653
LONGEST_AUTOMATED_DAYS = 35
LEAST_RECORDS, MOST_RECORDS = 20, 100

_IDENTIFIER = re.compile(r"[a-z](?:-?[a-z0-9])*")
_LONGEST_IDENTIFIER = 255


class Request:
    """The parameters of one call."""

    def __init__(self, operation: str, parameters: Mapping[str, Any], known: Collection[str]) -> None:
        """Take them.

        Raises:
            ClusterError: There is one that this warehouse does not know.
        """
        self._parameters = {name: value for name, value in parameters.items() if value is not None}
        if others := sorted(self._parameters.keys() - set(known)):
            raise ClusterError(UNSUPPORTED, f"{others[0]} of {operation} is not supported here")

    def get(self, name: str, default: Any = None) -> Any:
        """Return a parameter, or a default where it is not given."""
        return self._parameters.get(name, default)

    def name(self, name: str) -> str:
        """Return an identifier, in lower case as AWS keeps it; empty where it is not given."""
        value: str = str(self.get(name, "")).lower()
        return value

    def new_name(self, name: str) -> str:
        """Return the identifier of something that is to be made.

        Raises:
            ClusterError: It is none.
        """
        value = self.name(name)
        if not _IDENTIFIER.fullmatch(value) or len(value) > _LONGEST_IDENTIFIER:
            message = (
                f"{name} must be 1 to {_LONGEST_IDENTIFIER} letters, digits and single hyphens, begin with a "
                f"letter and not end with a hyphen; got `{value}`"
            )
            raise ClusterError(INVALID, message)
        return value

    def manual_days(self, default: int) -> int:
        """Return ManualSnapshotRetentionPeriod.

        Raises:
            ClusterError: It is none.
        """
        days: int = self.get("ManualSnapshotRetentionPeriod", default)
        if days != FOR_EVER and not 1 <= days <= LONGEST_MANUAL_DAYS:
            message = (
                f"ManualSnapshotRetentionPeriod must be -1, or 1 to {LONGEST_MANUAL_DAYS} days; got {days}"
            )
            raise ClusterError("InvalidRetentionPeriodFault", message)
        return days

    def automated_days(self) -> int | None:
        """Return AutomatedSnapshotRetentionPeriod; None where it is not given.

        Raises:
            ClusterError: It is none.
        """
        days: int | None = self.get("AutomatedSnapshotRetentionPeriod")
        if days is not None and not 0 <= days <= LONGEST_AUTOMATED_DAYS:
            message = (
                f"AutomatedSnapshotRetentionPeriod must be 0 to {LONGEST_AUTOMATED_DAYS} days; got {days}"
            )
            raise ClusterError("InvalidRetentionPeriodFault", message)
        return days

    def moment(self, name: str) -> datetime | None:
        """Return a time; None where it is not given.

        Raises:
            ClusterError: It is none.
        """
        value = self.get(name)
        try:
            moment = datetime.fromisoformat(value) if value else None
        except ValueError:
            raise ClusterError(INVALID, f"{name} must be a time in ISO 8601; got `{value}`") from None
        return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None

    def tags(self) -> tuple[tuple[str, str], ...]:
        """Return Tags, each as key and value."""
        return tuple((each["Key"], each.get("Value", "")) for each in self.get("Tags", ()))

    def has_tags(self, tags: Sequence[tuple[str, str]]) -> bool:
        """Return whether tags are among TagKeys or TagValues; all are where neither is given."""
        keys, values = self.get("TagKeys", ()), self.get("TagValues", ())
        return not (keys or values) or any(key in keys or value in values for key, value in tags)

    def page[T](self, items: Sequence[T], name_of: Callable[[T], str]) -> tuple[list[T], str | None]:
        """Return the items of one page, and the Marker of the next one; None after the last.

        Raises:
            ClusterError: MaxRecords or Marker is none.
        """
        most: int = self.get("MaxRecords", MOST_RECORDS)
        if not LEAST_RECORDS <= most <= MOST_RECORDS:
            raise ClusterError(INVALID, f"MaxRecords must be {LEAST_RECORDS} to {MOST_RECORDS}; got {most}")
        names, marker = [name_of(each) for each in items], self.get("Marker")
        if marker and marker not in names:
            raise ClusterError(INVALID, f"Marker `{marker}` is none that was given")
        first = names.index(marker) + 1 if marker else 0
        page = list(items[first : first + most])
        return page, name_of(page[-1]) if first + most < len(items) else None
