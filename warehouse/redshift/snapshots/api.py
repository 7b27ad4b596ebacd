"""Redshift's API, as far as this warehouse has it."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from warehouse.redshift.engine import Engine
from warehouse.redshift.snapshots.cluster import Address, Cluster, Ticking
from warehouse.redshift.snapshots.cluster_operations import ClusterOperations
from warehouse.redshift.snapshots.errors import UNSUPPORTED, ClusterError
from warehouse.redshift.snapshots.jobs import Jobs
from warehouse.redshift.snapshots.records import Snapshots
from warehouse.redshift.snapshots.snapshot_operations import SnapshotOperations
from warehouse.redshift.snapshots.state import StateFile
from warehouse.redshift.snapshots.store import SnapshotStore
from warehouse.redshift.snapshots.table_operations import TableOperations


class ClusterApi:
    """All operations, and a thread that takes automated snapshots when it is started.

    **Parallelism**: any thread may call. **On failure**: `ClusterError`, by AWS's code.
    """

    def __init__(self, engine: Engine, s3: Any, bucket: str, folder: Path, address: Address) -> None:
        """Serve an engine's file.

        Args:
            engine: Whose file it is.
            s3: A client, for the snapshots.
            bucket: Where they are kept; made when the first is taken.
            folder: For what the cluster is set to, and for files that are staged.
            address: As clients are told it.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        store = SnapshotStore(s3, bucket, address.identifier)
        self._ending = ExitStack()
        jobs = Jobs(engine, store, folder / "staging")
        self._ending.callback(jobs.close)
        snapshots = Snapshots(store, jobs, address.identifier, address.database)
        self._cluster = cluster = Cluster(address, StateFile(folder / "cluster.json"), snapshots)
        self._handlers = {
            **SnapshotOperations(cluster, snapshots, s3.meta.region_name).handlers,
            **ClusterOperations(cluster, snapshots).handlers,
            **TableOperations(engine, cluster, snapshots, jobs).handlers,
        }

    def start(self) -> None:
        """Begin to take automated snapshots."""
        self._ending.callback(Ticking(self._cluster).close)

    def close(self) -> None:
        """End what runs as soon as it can be."""
        self._ending.close()

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Run one operation on its request, as JSON has it.

        Raises:
            ClusterError: It is not supported, or its request is refused.
        """
        handler = self._handlers.get(operation)
        if handler is None:
            known = ", ".join(sorted(self._handlers))
            raise ClusterError(UNSUPPORTED, f"`{operation}` is not supported here; there are {known}")
        return handler(request)
