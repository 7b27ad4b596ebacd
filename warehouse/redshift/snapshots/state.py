"""What a cluster is set to: kept beside the warehouse's file, so that no restore turns it back."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from warehouse.redshift.snapshots.schedule import Every, Times, times
from warehouse.redshift.snapshots.snapshot import FOR_EVER

DEFAULT_HOURS = 8
"""Between automated snapshots without a schedule; AWS takes one after 5 GB of changes as well."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A snapshot schedule, as it was created."""

    definitions: tuple[str, ...]
    description: str = ""
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ClusterState:
    """What clients set.

    Attributes:
        created: When the warehouse was first started.
        automated_days: AutomatedSnapshotRetentionPeriod; 0 for no automated snapshots.
        manual_days: ManualSnapshotRetentionPeriod of new manual snapshots.
        schedules: By their identifiers.
        schedule: Which of them is the cluster's; empty for none.
        last: From when on the next automated snapshot is counted.
    """

    created: datetime
    last: datetime
    automated_days: int = 1
    manual_days: int = FOR_EVER
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    schedule: str = ""

    @property
    def times(self) -> Times:
        """When automated snapshots are taken."""
        return times(self.schedules[self.schedule].definitions) if self.schedule else Every(DEFAULT_HOURS)

    @property
    def next(self) -> datetime | None:
        """When the next one is due; None where they are turned off."""
        return self.times.next(self.last) if self.automated_days else None


class StateFile:
    """Where the state is kept: written whole, or not at all."""

    def __init__(self, file: Path) -> None:
        """Name the file."""
        self._file = file

    def read(self, now: datetime) -> ClusterState:
        """Return the state, or a new one where there is none yet."""
        try:
            kept: dict[str, Any] = json.loads(self._file.read_bytes())
        except FileNotFoundError:
            state = ClusterState(created=now, last=now)
            self.write(state)
            return state
        moments = {name: datetime.fromisoformat(kept[name]) for name in ("created", "last")}
        schedules = {name: _schedule(each) for name, each in kept["schedules"].items()}
        return ClusterState(**kept | moments | {"schedules": schedules})

    def write(self, state: ClusterState) -> None:
        """Keep a state; it is on the device when this returns."""
        moments = {"created": state.created.isoformat(), "last": state.last.isoformat()}
        new = self._file.with_suffix(".new")
        with new.open("w", encoding="utf-8") as target:
            json.dump(asdict(state) | moments, target, indent=1)
            target.flush()
            os.fsync(target.fileno())
        new.replace(self._file)


def _schedule(kept: dict[str, Any]) -> Schedule:
    tags = tuple((key, value) for key, value in kept["tags"])
    return Schedule(tuple(kept["definitions"]), kept["description"], tags)
