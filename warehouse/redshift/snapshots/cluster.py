"""The one cluster: what it is set to, its snapshot schedules, and what they bring about."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Event, RLock, Thread

from warehouse.redshift.snapshots.errors import ClusterError
from warehouse.redshift.snapshots.records import Snapshots, utc_now
from warehouse.redshift.snapshots.schedule import ScheduleError, times
from warehouse.redshift.snapshots.state import ClusterState, Schedule, StateFile

TICK_SECONDS = 60.0
"""How often it is looked at what is due."""

_END_SECONDS = 5.0
_NOT_FOUND = "SnapshotScheduleNotFound"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the cluster is, and what it is called: its identifier, its database, a port of 127.0.0.1."""

    identifier: str
    database: str
    port: int


class Cluster:
    """What clients set, kept in a file.

    **Parallelism**: any thread may ask. **On failure**: `ClusterError`, by AWS's code.
    """

    def __init__(
        self, address: Address, file: StateFile, snapshots: Snapshots, now: Callable[[], datetime] = utc_now
    ) -> None:
        """Read what was set before."""
        self.address = address
        self._file = file
        self._snapshots = snapshots
        self.now = now
        self._lock = RLock()
        self._state = file.read(now())
        self._is_swept = False

    @property
    def state(self) -> ClusterState:
        """What it is set to."""
        return self._state

    def require(self, identifier: str) -> None:
        """See that a cluster is this one.

        Raises:
            ClusterError: It is another.
        """
        if identifier != self.address.identifier:
            message = f"cluster `{identifier}` is not there; there is `{self.address.identifier}`"
            raise ClusterError("ClusterNotFound", message, 404)

    def set_retention(self, *, automated_days: int | None, manual_days: int | None) -> None:
        """Set how long snapshots are kept; what is kept no longer is deleted at once, as on AWS."""
        with self._lock:
            state = self._state
            if automated_days is not None:
                state = replace(state, automated_days=automated_days)
            if manual_days is not None:
                state = replace(state, manual_days=manual_days)
            self._set(state)
            self._snapshots.expire(state.automated_days)

    def create_schedule(self, identifier: str, schedule: Schedule, *, is_dry: bool) -> None:
        """Add a schedule; a dry run only sees whether it could be added.

        Raises:
            ClusterError: Its identifier is taken, or its definitions are not supported.
        """
        _check(schedule.definitions)
        with self._lock:
            if identifier in self._state.schedules:
                raise ClusterError("SnapshotScheduleAlreadyExists", f"schedule `{identifier}` is there")
            if not is_dry:
                self._set_schedules({**self._state.schedules, identifier: schedule})

    def redefine_schedule(self, identifier: str, definitions: tuple[str, ...]) -> None:
        """Give a schedule other definitions.

        Raises:
            ClusterError: It is not there, or they are not supported.
        """
        _check(definitions)
        with self._lock:
            changed = replace(self.schedule(identifier), definitions=definitions)
            self._set_schedules({**self._state.schedules, identifier: changed})

    def delete_schedule(self, identifier: str) -> None:
        """Delete a schedule.

        Raises:
            ClusterError: It is not there, or is the cluster's.
        """
        with self._lock:
            self.schedule(identifier)
            if identifier == self._state.schedule:
                message = f"schedule `{identifier}` is the cluster's; disassociate it first"
                raise ClusterError("InvalidClusterSnapshotScheduleState", message)
            rest = {name: each for name, each in self._state.schedules.items() if name != identifier}
            self._set_schedules(rest)

    def schedule(self, identifier: str) -> Schedule:
        """Return a schedule.

        Raises:
            ClusterError: It is not there.
        """
        found = self._state.schedules.get(identifier)
        if found is None:
            raise ClusterError(_NOT_FOUND, f"snapshot schedule `{identifier}` is not there")
        return found

    def associate(self, identifier: str) -> None:
        """Make a schedule the cluster's; empty for AWS's default, one each eight hours.

        Raises:
            ClusterError: It is not there.
        """
        with self._lock:
            if identifier:
                self.schedule(identifier)
            self._set(replace(self._state, schedule=identifier))

    def tick(self) -> None:
        """Take the automated snapshot that is due, delete what is kept no longer.

        Raises:
            ClusterError: S3 does not answer; what is due stays due.
        """
        if not self._is_swept:
            self._snapshots.sweep()
            self._is_swept = True
        with self._lock:
            state, now = self._state, self.now()
            self._snapshots.expire(state.automated_days)
            if state.next and state.next <= now:
                identifier = f"rs:{self.address.identifier}-{now:%Y-%m-%d-%H-%M-%S}"
                self._snapshots.create(identifier, state.automated_days, (), "automated")
                self._set(replace(state, last=now))

    def _set_schedules(self, schedules: Mapping[str, Schedule]) -> None:
        self._set(replace(self._state, schedules=schedules))

    def _set(self, state: ClusterState) -> None:
        self._file.write(state)
        self._state = state


class Ticking:
    """A thread in which what is due happens."""

    def __init__(self, cluster: Cluster, seconds: float = TICK_SECONDS) -> None:
        """Begin."""
        self._cluster = cluster
        self._seconds = seconds
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="snapshot schedule", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End; an S3 that does not answer is not waited for."""
        self._stopped.set()
        self._thread.join(_END_SECONDS)

    def _run(self) -> None:
        told = ""
        while True:
            try:
                self._cluster.tick()
                told = ""
            except Exception as error:  # noqa: BLE001  # a thread has nobody above it; the next tick tries again
                if str(error) != told:  # an S3 that does not run is told of once
                    sys.stderr.write(f"warehouse: snapshots: {error}\n")
                told = str(error)
            if self._stopped.wait(self._seconds):
                return


def _check(definitions: tuple[str, ...]) -> None:
    try:
        times(definitions)
    except ScheduleError as error:
        raise ClusterError("InvalidSchedule", str(error)) from None
