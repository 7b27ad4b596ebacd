"""Operations of Redshift's API on snapshots."""

from collections.abc import Callable, Mapping
from typing import Any

from warehouse.redshift.snapshots import answers
from warehouse.redshift.snapshots.cluster import Cluster
from warehouse.redshift.snapshots.errors import INVALID, UNSUPPORTED, ClusterError
from warehouse.redshift.snapshots.records import Snapshots
from warehouse.redshift.snapshots.requests import Request
from warehouse.redshift.snapshots.snapshot import Snapshot

type Handler = Callable[[Mapping[str, Any]], dict[str, Any]]

_KINDS = ("automated", "manual")
_SORTED: dict[str, Callable[[Snapshot], Any]] = {
    "CREATE_TIME": lambda each: each.created,
    "SOURCE_TYPE": lambda each: each.kind,
    "TOTAL_SIZE": lambda each: each.size,
}


class SnapshotOperations:
    """Create, copy, describe, modify, delete, restore."""

    def __init__(self, cluster: Cluster, snapshots: Snapshots, region: str) -> None:
        """Serve the snapshots of one cluster."""
        self._cluster = cluster
        self._snapshots = snapshots
        self._region = region
        self.handlers: dict[str, Handler] = {
            "CopyClusterSnapshot": self._copy,
            "CreateClusterSnapshot": self._create,
            "DeleteClusterSnapshot": self._delete,
            "DescribeClusterSnapshots": self._describe,
            "ModifyClusterSnapshot": self._modify,
            "RestoreFromClusterSnapshot": self._restore,
        }

    def _create(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known = ("ClusterIdentifier", "SnapshotIdentifier", "ManualSnapshotRetentionPeriod", "Tags")
        request = Request("CreateClusterSnapshot", parameters, known)
        self._cluster.require(request.name("ClusterIdentifier"))
        days = request.manual_days(self._cluster.state.manual_days)
        name = request.new_name("SnapshotIdentifier")
        return self._told(self._snapshots.create(name, days, request.tags()))

    def _copy(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known = (
            "SourceSnapshotIdentifier",
            "SourceSnapshotClusterIdentifier",
            "TargetSnapshotIdentifier",
            "ManualSnapshotRetentionPeriod",
        )
        request = Request("CopyClusterSnapshot", parameters, known)
        self._require(request, "SourceSnapshotClusterIdentifier")
        days = request.manual_days(self._cluster.state.manual_days)
        source, target = (
            request.name("SourceSnapshotIdentifier"),
            request.new_name("TargetSnapshotIdentifier"),
        )
        return self._told(self._snapshots.copy(source, target, days))

    def _delete(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known = ("SnapshotIdentifier", "SnapshotClusterIdentifier")
        request = Request("DeleteClusterSnapshot", parameters, known)
        self._require(request, "SnapshotClusterIdentifier")
        return self._told(self._snapshots.delete(request.name("SnapshotIdentifier")))

    def _modify(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known = ("SnapshotIdentifier", "ManualSnapshotRetentionPeriod", "Force")
        request = Request("ModifyClusterSnapshot", parameters, known)
        identifier = request.name("SnapshotIdentifier")
        days = request.manual_days(self._snapshots.get(identifier).retention_days)
        return self._told(self._snapshots.keep(identifier, days, is_forced=bool(request.get("Force"))))

    def _describe(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known = (
            *(
                "ClusterIdentifier",
                "SnapshotIdentifier",
                "SnapshotArn",
                "SnapshotType",
                "StartTime",
                "EndTime",
            ),
            *(
                "MaxRecords",
                "Marker",
                "OwnerAccount",
                "TagKeys",
                "TagValues",
                "ClusterExists",
                "SortingEntities",
            ),
        )
        request = Request("DescribeClusterSnapshots", parameters, known)
        self._require(request, "ClusterIdentifier")
        if identifier := request.name("SnapshotIdentifier"):
            found = [self._snapshots.get(identifier)]
        else:
            found = self._snapshots.all()
        page, marker = request.page(self._ordered(self._asked(found, request), request), _identifier)
        told: dict[str, Any] = {"Snapshots": [self._described(each) for each in page]}
        return told | ({"Marker": marker} if marker else {})

    def _restore(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known = ("ClusterIdentifier", "SnapshotIdentifier", "SnapshotArn", "SnapshotClusterIdentifier")
        request = Request("RestoreFromClusterSnapshot", parameters, known)
        cluster, address = request.name("ClusterIdentifier"), self._cluster.address
        if cluster != address.identifier:
            message = (
                f"a snapshot is restored to the cluster that is there, `{address.identifier}`; another one, "
                f"`{cluster}`, is not supported here"
            )
            raise ClusterError(UNSUPPORTED, message)
        self._require(request, "SnapshotClusterIdentifier")
        identifier = request.name("SnapshotIdentifier")
        if not identifier:
            identifier = request.name("SnapshotArn").rpartition("/")[2]
        self._snapshots.restore(identifier)
        told = answers.cluster(address, self._cluster.state, self._snapshots.restore_status)
        return {"Cluster": told}

    def _asked(self, found: list[Snapshot], request: Request) -> list[Snapshot]:
        """Return those that a DescribeClusterSnapshots asks for."""
        kind, first, last = (
            request.get("SnapshotType"),
            request.moment("StartTime"),
            request.moment("EndTime"),
        )
        if kind and kind not in _KINDS:
            raise ClusterError(INVALID, f"SnapshotType must be one of {', '.join(_KINDS)}; got `{kind}`")
        if request.get("ClusterExists") and not request.name("ClusterIdentifier"):
            raise ClusterError("InvalidParameterCombination", "ClusterExists needs a ClusterIdentifier")
        is_elsewhere = (
            request.get("ClusterExists") is False
            or request.get("OwnerAccount", answers.ACCOUNT) != answers.ACCOUNT
        )
        snapshot_arn = request.get("SnapshotArn")
        return [
            each
            for each in found
            if not is_elsewhere
            and kind in {None, each.kind}
            and snapshot_arn in {None, answers.arn(self._region, each)}
            and (first is None or each.created >= first)
            and (last is None or each.created <= last)
            and request.has_tags(each.tags)
        ]

    @staticmethod
    def _ordered(found: list[Snapshot], request: Request) -> list[Snapshot]:
        for entity in reversed(request.get("SortingEntities", ())):
            is_descending = entity.get("SortOrder") == "DESC"
            found = sorted(found, key=_SORTED[entity["Attribute"]], reverse=is_descending)
        return found

    def _require(self, request: Request, name: str) -> None:
        if cluster := request.name(name):
            self._cluster.require(cluster)

    def _told(self, snapshot: Snapshot) -> dict[str, Any]:
        return {"Snapshot": self._described(snapshot)}

    def _described(self, snapshot: Snapshot) -> dict[str, Any]:
        return answers.described(snapshot, self._cluster.address, self._region, self._cluster.now())


def _identifier(snapshot: Snapshot) -> str:
    return snapshot.identifier
