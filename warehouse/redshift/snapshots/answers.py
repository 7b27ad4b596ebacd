"""Snapshots, clusters and schedules as Redshift's API describes them; times are ISO 8601."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from warehouse.redshift.snapshots.cluster import Address
from warehouse.redshift.snapshots.schedule import times
from warehouse.redshift.snapshots.snapshot import Snapshot
from warehouse.redshift.snapshots.state import ClusterState, Schedule

ACCOUNT = "000000000000"
"""LocalStack's."""

_MEGABYTE = 2**20
_NODE = {"NodeType": "ra3.large", "NumberOfNodes": 1}
"""AWS's smallest; a client that reads them finds what it expects."""

_INVOCATIONS = 5


def arn(region: str, snapshot: Snapshot) -> str:
    """Return a snapshot's ARN."""
    return f"arn:aws:redshift:{region}:{ACCOUNT}:snapshot:{snapshot.cluster}/{snapshot.identifier}"


def described(snapshot: Snapshot, address: Address, region: str, now: datetime) -> dict[str, Any]:
    """Return a snapshot as DescribeClusterSnapshots does."""
    size = round(snapshot.size / _MEGABYTE, 3)
    told: dict[str, Any] = {
        "SnapshotIdentifier": snapshot.identifier,
        "ClusterIdentifier": snapshot.cluster,
        "SnapshotCreateTime": snapshot.created.isoformat(),
        "SnapshotRetentionStartTime": snapshot.created.isoformat(),
        "Status": snapshot.status,
        "SnapshotType": snapshot.kind,
        "DBName": snapshot.database,
        "Port": address.port,
        "Encrypted": False,
        "OwnerAccount": ACCOUNT,
        "TotalBackupSizeInMegaBytes": size,
        "ActualIncrementalBackupSizeInMegaBytes": size,
        "BackupProgressInMegaBytes": size,
        "ElapsedTimeInSeconds": round(snapshot.elapsed_seconds),
        "Tags": tags(snapshot.tags),
        "SnapshotArn": arn(region, snapshot),
        **_NODE,
    }
    if snapshot.kind == "manual":
        told["ManualSnapshotRetentionPeriod"] = snapshot.retention_days
        if ends := snapshot.expires(0):
            told["ManualSnapshotRemainingDays"] = max(0, -((now - ends) // timedelta(days=1)))
    return told


def cluster(address: Address, state: ClusterState, restore_status: str | None) -> dict[str, Any]:
    """Return the cluster as DescribeClusters does."""
    is_restoring = restore_status == "restoring"
    told: dict[str, Any] = {
        "ClusterIdentifier": address.identifier,
        "ClusterStatus": "creating" if is_restoring else "available",
        "ClusterAvailabilityStatus": "Unavailable" if is_restoring else "Available",
        "DBName": address.database,
        "Endpoint": {"Address": "127.0.0.1", "Port": address.port},
        "ClusterCreateTime": state.created.isoformat(),
        "AutomatedSnapshotRetentionPeriod": state.automated_days,
        "ManualSnapshotRetentionPeriod": state.manual_days,
        "PubliclyAccessible": False,
        "Encrypted": False,
        "Tags": [],
        **_NODE,
    }
    if restore_status:
        told["RestoreStatus"] = {"Status": restore_status}
    if state.schedule:
        told |= {"SnapshotScheduleIdentifier": state.schedule, "SnapshotScheduleState": "ACTIVE"}
    if state.next:
        told |= {
            "ExpectedNextSnapshotScheduleTime": state.next.isoformat(),
            "ExpectedNextSnapshotScheduleTimeStatus": "OnTrack",
        }
    return told


def schedule(
    identifier: str, kept: Schedule, associated: Sequence[str], now: datetime, count: int = _INVOCATIONS
) -> dict[str, Any]:
    """Return a snapshot schedule as DescribeSnapshotSchedules does, with the next times from now on."""
    due, following = times(kept.definitions), []
    for _ in range(count):
        now = due.next(now)
        following.append(now.isoformat())
    return {
        "ScheduleIdentifier": identifier,
        "ScheduleDefinitions": list(kept.definitions),
        "ScheduleDescription": kept.description,
        "Tags": tags(kept.tags),
        "NextInvocations": following,
        "AssociatedClusterCount": len(associated),
        "AssociatedClusters": [
            {"ClusterIdentifier": each, "ScheduleAssociationState": "ACTIVE"} for each in associated
        ],
    }


def tags(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """Return tags as AWS writes them."""
    return [{"Key": key, "Value": value} for key, value in pairs]
