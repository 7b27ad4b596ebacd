"""The snapshots of the cluster: those that are stored, and those that are being made or could not be."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from threading import RLock
from typing import Literal

from warehouse.redshift.snapshots.errors import ClusterError, DamagedError, SnapshotError
from warehouse.redshift.snapshots.jobs import Jobs
from warehouse.redshift.snapshots.snapshot import Kind, Snapshot
from warehouse.redshift.snapshots.store import SnapshotStore

_NOT_FOUND = "ClusterSnapshotNotFound"
_WRONG_STATE = "InvalidClusterSnapshotState"

RestoreStatus = Literal["restoring", "completed", "failed"]


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class Snapshots:
    """What there is, and what can be done with it.

    **Parallelism**: any thread may ask; what takes time is one job after the other. **Delivery**: a snapshot
    is there when it is whole. **On failure**: `ClusterError`, by AWS's code.
    """

    def __init__(
        self,
        store: SnapshotStore,
        jobs: Jobs,
        cluster: str,
        database: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Serve one cluster."""
        self._store = store
        self._jobs = jobs
        self._cluster = cluster
        self._database = database
        self._now = now
        self._unstored: dict[str, Snapshot] = {}
        self._damaged: dict[str, str] = {}
        self._in_use: list[str] = []
        self._lock = RLock()
        self.restore_status: RestoreStatus | None = None

    def all(self) -> list[Snapshot]:
        """Return all, the oldest first."""
        with self._lock:
            stored = {each.identifier: each for each in self._stored()}
            for identifier in self._damaged:
                if identifier in stored:
                    stored[identifier] = replace(stored[identifier], status="failed")
            found = stored | self._unstored
        return sorted(found.values(), key=lambda each: (each.created, each.identifier))

    def get(self, identifier: str) -> Snapshot:
        """Return one.

        Raises:
            ClusterError: It is not there.
        """
        found = next((each for each in self.all() if each.identifier == identifier), None)
        if found is None:
            raise ClusterError(_NOT_FOUND, f"snapshot `{identifier}` is not there", 404)
        return found

    def create(
        self, identifier: str, retention_days: int, tags: tuple[tuple[str, str], ...], kind: Kind = "manual"
    ) -> Snapshot:
        """Begin to take one.

        Raises:
            ClusterError: The identifier is taken.
        """
        fresh = Snapshot(identifier, self._cluster, self._database, kind, self._now(), retention_days, tags)
        return self._begin(fresh, lambda: self._jobs.take(fresh))

    def copy(self, source: str, identifier: str, retention_days: int) -> Snapshot:
        """Begin to copy an automated snapshot to a manual one.

        Raises:
            ClusterError: The source is not there, or is none that can be copied; the identifier is taken.
        """
        old = self.available(source)
        if old.kind != "automated":
            raise ClusterError(_WRONG_STATE, f"snapshot `{source}` is manual; automated ones can be copied")
        fresh = replace(
            old,
            identifier=identifier,
            kind="manual",
            status="creating",
            retention_days=retention_days,
            parts=(),
        )
        return self._begin(fresh, lambda: self._jobs.copy(old, fresh))

    def available(self, identifier: str) -> Snapshot:
        """Return one that is whole.

        Raises:
            ClusterError: It is not there, is not finished, or is damaged.
        """
        found = self.get(identifier)
        if found.status != "available":
            reason = self._damaged.get(identifier, f"snapshot `{identifier}` is {found.status}")
            raise ClusterError(_WRONG_STATE, reason)
        return found

    def delete(self, identifier: str, kind: Kind = "manual") -> Snapshot:
        """Delete one.

        Raises:
            ClusterError: It is not there, is not of this kind, is being made, or is being restored from.
        """
        with self._lock:
            found = self.get(identifier)
            if found.kind != kind:
                raise ClusterError(
                    _WRONG_STATE, f"snapshot `{identifier}` is {found.kind}: it goes when its retention ends"
                )
            if found.status == "creating" or identifier in self._in_use:
                what = "is being restored from" if identifier in self._in_use else "is creating"
                raise ClusterError(_WRONG_STATE, f"snapshot `{identifier}` {what}")
            self._unstored.pop(identifier, None)
            self._damaged.pop(identifier, None)
            with _s3():
                self._store.delete(identifier)
        return replace(found, status="deleted")

    def keep(self, identifier: str, retention_days: int, *, is_forced: bool) -> Snapshot:
        """Set how long a manual snapshot is kept, from its creation on.

        Raises:
            ClusterError: It is not there or automated; or that time is over, and nothing is forced.
        """
        found = replace(self.available(identifier), retention_days=retention_days)
        if found.kind != "manual":
            raise ClusterError(_WRONG_STATE, f"snapshot `{identifier}` is automated; see ModifyCluster")
        ends = found.expires(0)
        if ends and ends <= self._now():
            if not is_forced:
                message = f"snapshot `{identifier}` is older than {retention_days} days; Force deletes it"
                raise ClusterError("InvalidRetentionPeriodFault", message)
            return self.delete(identifier)
        with _s3():
            self._store.commit(found)
        return found

    def restore(self, identifier: str) -> Snapshot:
        """Begin to put a snapshot in the place of what the warehouse holds.

        Raises:
            ClusterError: It is not whole, or another restore runs.
        """
        with self._lock:
            if self.restore_status == "restoring":
                raise ClusterError("InvalidClusterState", "the cluster is being restored")
            found = self.begin_use(identifier)
            self.restore_status = "restoring"

        def restore() -> None:
            self._jobs.restore(found)
            self.restore_status = "completed"
            self.end_use(identifier, None)

        def fail(error: Exception) -> None:
            self.restore_status = "failed"
            self.end_use(identifier, error)

        self._jobs.submit(f"restoring snapshot {identifier}", restore, fail)
        return found

    def begin_use(self, identifier: str) -> Snapshot:
        """Return a snapshot that has all its parts, and hold it until `end_use`.

        Raises:
            ClusterError: It is not whole.
        """
        with self._lock:
            found = self.available(identifier)
            try:
                with _s3():
                    self._store.check(found)
            except DamagedError as error:
                self._damaged[identifier] = str(error)
                raise ClusterError(_WRONG_STATE, str(error)) from None
            self._in_use.append(identifier)
        return found

    def end_use(self, identifier: str, error: Exception | None) -> None:
        """Let go of a snapshot; one that proved to be damaged is `failed` from now on."""
        with self._lock:
            self._in_use.remove(identifier)
            if isinstance(error, DamagedError):
                self._damaged[identifier] = str(error)

    def expire(self, automated_days: int) -> list[str]:
        """Delete what is kept no longer, and return it.

        The latest automated snapshot stays until automated snapshots are turned off (AWS, "Amazon Redshift
        snapshots and backups").
        """
        with self._lock:
            whole = [each for each in self.all() if each.status == "available"]
            latest = [each.identifier for each in whole if each.kind == "automated"][-1:]
            kept = {*self._in_use, *(latest if automated_days else [])}
            ended = [
                each
                for each in whole
                if each.identifier not in kept
                and (ends := each.expires(automated_days))
                and ends <= self._now()
            ]
            for each in ended:
                self.delete(each.identifier, each.kind)
        return [each.identifier for each in ended]

    def sweep(self) -> list[str]:
        """Delete what a process that died left of a snapshot, and return whose it was."""
        with self._lock, _s3():
            return self._store.sweep(self._unstored)

    def _begin(self, fresh: Snapshot, job: Callable[[], Snapshot]) -> Snapshot:
        with self._lock:
            if any(each.identifier == fresh.identifier for each in self.all()):
                raise ClusterError("ClusterSnapshotAlreadyExists", f"snapshot `{fresh.identifier}` is there")
            self._unstored[fresh.identifier] = fresh

        def make() -> None:
            job()
            with self._lock:
                del self._unstored[fresh.identifier]

        def fail(_error: Exception) -> None:
            with self._lock:
                self._unstored[fresh.identifier] = replace(fresh, status="failed")
            with suppress(SnapshotError):  # what stays, `sweep` deletes when the warehouse is started again
                self._store.delete(fresh.identifier)

        self._jobs.submit(f"snapshot {fresh.identifier}", make, fail)
        return fresh

    def _stored(self) -> list[Snapshot]:
        with _s3():
            return self._store.all()


@contextmanager
def _s3() -> Iterator[None]:
    try:
        yield
    except DamagedError:
        raise
    except SnapshotError as error:
        raise ClusterError("DependentServiceUnavailableFault", f"S3: {error}") from None
