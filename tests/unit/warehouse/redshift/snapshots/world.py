"""A warehouse with snapshots, as its process has it, but with a clock and an S3 of the tests."""

from pathlib import Path
from threading import Event
from typing import Any

from tests.unit.warehouse.redshift.snapshots.twin import BUCKET, Clock, SnapshotS3
from warehouse.redshift.engine import Engine
from warehouse.redshift.snapshots.cluster import Address, Cluster
from warehouse.redshift.snapshots.cluster_operations import ClusterOperations
from warehouse.redshift.snapshots.jobs import Jobs
from warehouse.redshift.snapshots.records import Snapshots
from warehouse.redshift.snapshots.snapshot_operations import SnapshotOperations
from warehouse.redshift.snapshots.state import StateFile
from warehouse.redshift.snapshots.store import SnapshotStore
from warehouse.redshift.snapshots.table_operations import TableOperations

CLUSTER = "millrace"


class World:
    """All parts."""

    def __init__(self, folder: Path, s3: SnapshotS3) -> None:
        """Put them together; a folder that a former one used is taken over."""
        self.s3 = s3
        self.clock = Clock()
        self.engine = Engine(folder / "warehouse.duckdb", s3)
        self.store = SnapshotStore(s3, BUCKET, CLUSTER, part_bytes=2**18)
        self.jobs = Jobs(self.engine, self.store, folder / "staging")
        self.snapshots = Snapshots(self.store, self.jobs, CLUSTER, "dev", self.clock)
        state = StateFile(folder / "cluster.json")
        self.cluster = Cluster(Address(CLUSTER, "dev", 5439), state, self.snapshots, self.clock)
        self._handlers = {
            **SnapshotOperations(self.cluster, self.snapshots, "us-east-1").handlers,
            **ClusterOperations(self.cluster, self.snapshots).handlers,
            **TableOperations(self.engine, self.cluster, self.snapshots, self.jobs).handlers,
        }

    def close(self) -> None:
        """End it."""
        self.jobs.close()
        self.engine.close()

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call one operation of Redshift's API."""
        return self._handlers[operation](parameters)

    def settle(self) -> None:
        """Wait until the jobs that were asked for are done."""
        done = Event()
        self.jobs.submit("nothing", done.set, lambda _error: None)
        assert done.wait(30)

    def take(self, identifier: str, **parameters: Any) -> None:
        """Take a manual snapshot to its end."""
        self.call(
            "CreateClusterSnapshot", SnapshotIdentifier=identifier, ClusterIdentifier=CLUSTER, **parameters
        )
        self.settle()

    def run(self, *sqls: str) -> list[Any]:
        """Run statements and return the rows of the last."""
        return list(self.engine.execute(sqls)[-1].rows)

    def statuses(self) -> dict[str, str]:
        """Return the status of each snapshot."""
        return {each.identifier: each.status for each in self.snapshots.all()}
