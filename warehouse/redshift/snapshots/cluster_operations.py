"""Operations of Redshift's API on the cluster and on snapshot schedules."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from warehouse.redshift.snapshots import answers
from warehouse.redshift.snapshots.cluster import Cluster
from warehouse.redshift.snapshots.errors import INVALID, ClusterError
from warehouse.redshift.snapshots.records import Snapshots
from warehouse.redshift.snapshots.requests import Request
from warehouse.redshift.snapshots.state import Schedule

if TYPE_CHECKING:
    from warehouse.redshift.snapshots.snapshot_operations import Handler


class ClusterOperations:
    """Describe and modify the cluster; make, change, delete and associate schedules."""

    def __init__(self, cluster: Cluster, snapshots: Snapshots) -> None:
        """Serve one cluster."""
        self._cluster = cluster
        self._snapshots = snapshots
        self.handlers: dict[str, Handler] = {
            "CreateSnapshotSchedule": self._create_schedule,
            "DeleteSnapshotSchedule": self._delete_schedule,
            "DescribeClusters": self._describe,
            "DescribeSnapshotSchedules": self._describe_schedules,
            "ModifyCluster": self._modify,
            "ModifyClusterSnapshotSchedule": self._associate,
            "ModifySnapshotSchedule": self._modify_schedule,
        }

    def _describe(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known = ("ClusterIdentifier", "MaxRecords", "Marker", "TagKeys", "TagValues")
        request = Request("DescribeClusters", parameters, known)
        if identifier := request.name("ClusterIdentifier"):
            self._cluster.require(identifier)
        return {"Clusters": [self._told()] if request.has_tags(()) else []}

    def _modify(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known = ("ClusterIdentifier", "AutomatedSnapshotRetentionPeriod", "ManualSnapshotRetentionPeriod")
        request = Request("ModifyCluster", parameters, known)
        self._cluster.require(request.name("ClusterIdentifier"))
        manual_days = request.manual_days(self._cluster.state.manual_days)
        self._cluster.set_retention(automated_days=request.automated_days(), manual_days=manual_days)
        return {"Cluster": self._told()}

    def _create_schedule(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known = (
            *("ScheduleDefinitions", "ScheduleIdentifier", "ScheduleDescription", "Tags"),
            *("DryRun", "NextInvocations"),
        )
        request = Request("CreateSnapshotSchedule", parameters, known)
        identifier = request.new_name("ScheduleIdentifier")
        definitions = tuple(request.get("ScheduleDefinitions", ()))
        schedule = Schedule(definitions, request.get("ScheduleDescription", ""), request.tags())
        self._cluster.create_schedule(identifier, schedule, is_dry=bool(request.get("DryRun")))
        if (count := request.get("NextInvocations")) is None:
            return answers.schedule(identifier, schedule, (), self._cluster.now())
        return answers.schedule(identifier, schedule, (), self._cluster.now(), count)

    def _modify_schedule(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known = ("ScheduleIdentifier", "ScheduleDefinitions")
        request = Request("ModifySnapshotSchedule", parameters, known)
        identifier = request.name("ScheduleIdentifier")
        self._cluster.redefine_schedule(identifier, tuple(request.get("ScheduleDefinitions", ())))
        return self._schedule(identifier)

    def _delete_schedule(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        request = Request("DeleteSnapshotSchedule", parameters, ("ScheduleIdentifier",))
        self._cluster.delete_schedule(request.name("ScheduleIdentifier"))
        return {}

    def _describe_schedules(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known = (
            *("ClusterIdentifier", "ScheduleIdentifier", "TagKeys", "TagValues"),
            *("Marker", "MaxRecords"),
        )
        request = Request("DescribeSnapshotSchedules", parameters, known)
        cluster, asked = request.name("ClusterIdentifier"), request.name("ScheduleIdentifier")
        state = self._cluster.state
        if cluster:
            self._cluster.require(cluster)
        found = [
            identifier
            for identifier, schedule in sorted(state.schedules.items())
            if asked in {"", identifier}
            and (not cluster or identifier == state.schedule)
            and request.has_tags(schedule.tags)
        ]
        page, marker = request.page(found, str)
        told: dict[str, Any] = {"SnapshotSchedules": [self._schedule(each) for each in page]}
        return told | ({"Marker": marker} if marker else {})

    def _associate(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known = ("ClusterIdentifier", "ScheduleIdentifier", "DisassociateSchedule")
        request = Request("ModifyClusterSnapshotSchedule", parameters, known)
        self._cluster.require(request.name("ClusterIdentifier"))
        identifier = request.name("ScheduleIdentifier")
        if request.get("DisassociateSchedule"):
            self._cluster.associate("")
        elif identifier:
            self._cluster.associate(identifier)
        else:
            raise ClusterError(INVALID, "ScheduleIdentifier or DisassociateSchedule must be given")
        return {}

    def _schedule(self, identifier: str) -> dict[str, Any]:
        state = self._cluster.state
        associated = [self._cluster.address.identifier] if identifier == state.schedule else []
        return answers.schedule(identifier, state.schedules[identifier], associated, self._cluster.now())

    def _told(self) -> dict[str, Any]:
        return answers.cluster(self._cluster.address, self._cluster.state, self._snapshots.restore_status)
