"""Operations of Redshift's API that bring back one table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from warehouse.redshift.dialect.tokens import Relation
from warehouse.redshift.engine import Engine
from warehouse.redshift.snapshots.cluster import Cluster
from warehouse.redshift.snapshots.errors import ClusterError
from warehouse.redshift.snapshots.jobs import Jobs
from warehouse.redshift.snapshots.records import Snapshots
from warehouse.redshift.snapshots.requests import Request
from warehouse.redshift.snapshots.snapshot import Snapshot
from warehouse.redshift.snapshots.tables import restore_table

if TYPE_CHECKING:
    from warehouse.redshift.snapshots.snapshot_operations import Handler

_DEFAULT_SCHEMA = "public"
_WRONG_ARGUMENT = "InvalidTableRestoreArgument"


@dataclass(frozen=True, slots=True)
class TableRestore:
    """What was asked for, and how it stands."""

    identifier: str
    snapshot: str
    source: Relation
    target: Relation
    requested: datetime
    status: Literal["PENDING", "IN_PROGRESS", "SUCCEEDED", "FAILED"] = "PENDING"
    message: str = ""


class TableOperations:
    """RestoreTableFromClusterSnapshot, DescribeTableRestoreStatus; what was asked for is known until the end.

    **Parallelism**: one table after the other. **Delivery**: the new table is there whole, or not at all.
    **On failure**: the status is FAILED, and its message says why.
    """

    def __init__(self, engine: Engine, cluster: Cluster, snapshots: Snapshots, jobs: Jobs) -> None:
        """Serve one cluster."""
        self._engine = engine
        self._cluster = cluster
        self._snapshots = snapshots
        self._jobs = jobs
        self._asked: dict[str, TableRestore] = {}
        self.handlers: dict[str, Handler] = {
            "DescribeTableRestoreStatus": self._describe,
            "RestoreTableFromClusterSnapshot": self._restore,
        }

    def _restore(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known = (
            *("ClusterIdentifier", "SnapshotIdentifier", "SourceDatabaseName", "SourceSchemaName"),
            *("SourceTableName", "TargetDatabaseName", "TargetSchemaName", "NewTableName"),
            "EnableCaseSensitiveIdentifier",
        )
        request = Request("RestoreTableFromClusterSnapshot", parameters, known)
        self._cluster.require(request.name("ClusterIdentifier"))
        for name in ("SourceDatabaseName", "TargetDatabaseName"):
            if (given := request.get(name)) not in {None, self._cluster.address.database}:
                message = f"{name} `{given}` is not there; there is `{self._cluster.address.database}`"
                raise ClusterError(_WRONG_ARGUMENT, message)
        found = self._snapshots.begin_use(request.name("SnapshotIdentifier"))
        asked = TableRestore(
            str(uuid4()),
            found.identifier,
            _relation(request, "SourceTableName", "SourceSchemaName"),
            _relation(request, "NewTableName", "TargetSchemaName"),
            self._cluster.now(),
        )
        self._asked[asked.identifier] = asked
        self._jobs.submit(
            f"restoring table {asked.target} from snapshot {found.identifier}",
            lambda: self._run(asked, found),
            lambda error: self._fail(asked, error),
        )
        return {"TableRestoreStatus": self._told(asked)}

    def _run(self, asked: TableRestore, snapshot: Snapshot) -> None:
        self._asked[asked.identifier] = replace(asked, status="IN_PROGRESS")
        with self._jobs.fetched(snapshot) as file:
            restore_table(self._engine, file, asked.source, asked.target)
        self._snapshots.end_use(asked.snapshot, None)
        self._asked[asked.identifier] = replace(asked, status="SUCCEEDED")

    def _fail(self, asked: TableRestore, error: Exception) -> None:
        self._snapshots.end_use(asked.snapshot, error)
        self._asked[asked.identifier] = replace(asked, status="FAILED", message=str(error))

    def _describe(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known = ("ClusterIdentifier", "TableRestoreRequestId", "MaxRecords", "Marker")
        request = Request("DescribeTableRestoreStatus", parameters, known)
        if cluster := request.name("ClusterIdentifier"):
            self._cluster.require(cluster)
        found = list(self._asked.values())
        if identifier := request.get("TableRestoreRequestId"):
            found = [each for each in found if each.identifier == identifier]
            if not found:
                message = f"table restore `{identifier}` is not there"
                raise ClusterError("TableRestoreNotFoundFault", message)
        page, marker = request.page(found, lambda each: each.identifier)
        told: dict[str, Any] = {"TableRestoreStatusDetails": [self._told(each) for each in page]}
        return told | ({"Marker": marker} if marker else {})

    def _told(self, asked: TableRestore) -> dict[str, Any]:
        database = self._cluster.address.database
        return {
            "TableRestoreRequestId": asked.identifier,
            "Status": asked.status,
            "Message": asked.message,
            "RequestTime": asked.requested.isoformat(),
            "ClusterIdentifier": self._cluster.address.identifier,
            "SnapshotIdentifier": asked.snapshot,
            "SourceDatabaseName": database,
            "SourceSchemaName": asked.source.schema,
            "SourceTableName": asked.source.name,
            "TargetDatabaseName": database,
            "TargetSchemaName": asked.target.schema,
            "NewTableName": asked.target.name,
        }


def _relation(request: Request, name: str, schema: str) -> Relation:
    read = request.get if request.get("EnableCaseSensitiveIdentifier") else request.name
    return Relation(read(name), read(schema) or _DEFAULT_SCHEMA)
