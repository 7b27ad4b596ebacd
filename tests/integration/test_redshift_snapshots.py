"""Snapshots of the warehouse, with boto3 through LocalStack."""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import localstack_client.session
import pytest
from botocore.exceptions import ClientError

from app.stack.stack import Stack
from tests.integration.test_redshift_data import Process
from tests.integration.test_redshift_snapshot_faults import call
from tests.support.stack import free_port
from warehouse.redshift.snapshots.state import ClusterState, StateFile

pytestmark = pytest.mark.timeout(180)

CLUSTER = "millrace"
TARGET = {"ClusterIdentifier": CLUSTER, "Database": "dev", "DbUser": "awsuser"}
ENDS = ("part-00000", "manifest.json")
FAST = {"Delay": 1, "MaxAttempts": 60}


@pytest.fixture
def session(stack: Stack) -> Any:
    """Give boto3's session of the local cloud."""
    assert stack.servers
    return localstack_client.session.Session()


@pytest.fixture
def run(session: Any) -> Callable[[str], list[Any]]:
    """Give what runs one statement and returns its rows."""
    api = session.client("redshift-data")

    def run(sql: str) -> list[Any]:
        identifier = api.execute_statement(Sql=sql, **TARGET)["Id"]
        while (told := api.describe_statement(Id=identifier))["Status"] not in {"FINISHED", "FAILED"}:
            sleep(0.02)
        assert told["Status"] == "FINISHED", told["Error"]
        return api.get_statement_result(Id=identifier)["Records"] if told["HasResultSet"] else []

    return run


def named(prefix: str) -> str:
    """Return a name that nobody has."""
    return f"{prefix}-{uuid4().hex[:8]}"


def one_available(warehouse: Process, kind: str) -> str:
    """Wait for the only snapshot of a kind, and return its identifier."""
    deadline = monotonic() + 60
    while True:
        found = call(warehouse, "DescribeClusterSnapshots", SnapshotType=kind)["Snapshots"]
        if [each["Status"] for each in found] == ["available"]:
            return str(found[0]["SnapshotIdentifier"])
        assert monotonic() < deadline, found
        sleep(0.1)


def wait_for_restore(redshift: Any) -> str:
    """Return how a restore ended."""
    deadline = monotonic() + 60
    while True:
        (cluster,) = redshift.describe_clusters(ClusterIdentifier=CLUSTER)["Clusters"]
        if (status := cluster["RestoreStatus"]["Status"]) != "restoring":
            return str(status)
        assert monotonic() < deadline
        sleep(0.1)


def test_a_snapshot_brings_back_what_was_there(session: Any, run: Callable[[str], list[Any]]) -> None:
    """Create, wait, describe, restore; what came later is gone, and what is written then is kept."""
    redshift = session.client("redshift")
    name, table = named("s"), f"t_{uuid4().hex[:8]}"
    run(f"create table {table} as select 1 as a")
    made = redshift.create_cluster_snapshot(
        SnapshotIdentifier=name, ClusterIdentifier=CLUSTER, Tags=[{"Key": "why", "Value": "test"}]
    )["Snapshot"]
    assert (made["Status"], made["SnapshotType"]) == ("creating", "manual")
    redshift.get_waiter("snapshot_available").wait(SnapshotIdentifier=name, WaiterConfig=FAST)
    (found,) = redshift.describe_cluster_snapshots(SnapshotIdentifier=name)["Snapshots"]
    assert found["TotalBackupSizeInMegaBytes"] > 0
    assert found["Tags"] == [{"Key": "why", "Value": "test"}]
    assert found["ManualSnapshotRetentionPeriod"] == -1
    assert found["SnapshotCreateTime"] == made["SnapshotCreateTime"]
    run(f"insert into {table} values (2)")  # noqa: S608  # a name of ours
    redshift.restore_from_cluster_snapshot(ClusterIdentifier=CLUSTER, SnapshotIdentifier=name)
    assert wait_for_restore(redshift) == "completed"
    redshift.get_waiter("cluster_restored").wait(ClusterIdentifier=CLUSTER, WaiterConfig=FAST)
    assert run(f"select a from {table}") == [[{"longValue": 1}]]  # noqa: S608  # a name of ours
    run(f"insert into {table} values (3)")  # noqa: S608  # a name of ours
    assert run(f"select count(*) from {table}") == [[{"longValue": 2}]]  # noqa: S608  # a name of ours
    assert redshift.delete_cluster_snapshot(SnapshotIdentifier=name)["Snapshot"]["Status"] == "deleted"
    with pytest.raises(redshift.exceptions.ClusterSnapshotNotFoundFault, match=name):
        redshift.describe_cluster_snapshots(SnapshotIdentifier=name)
    run(f"drop table {table}")


def test_one_table_comes_back_beside_the_others(session: Any, run: Callable[[str], list[Any]]) -> None:
    """Its rows as they were, in a table of a new name; the one that is there stays as it is."""
    redshift = session.client("redshift")
    name, table = named("s"), f"t_{uuid4().hex[:8]}"
    run(f"create table {table} as select 1 as a")
    redshift.create_cluster_snapshot(SnapshotIdentifier=name, ClusterIdentifier=CLUSTER)
    redshift.get_waiter("snapshot_available").wait(SnapshotIdentifier=name, WaiterConfig=FAST)
    run(f"delete from {table}")  # noqa: S608  # a name of ours
    asked = redshift.restore_table_from_cluster_snapshot(
        ClusterIdentifier=CLUSTER,
        SnapshotIdentifier=name,
        SourceDatabaseName="dev",
        SourceTableName=table,
        NewTableName=f"{table}_back",
    )["TableRestoreStatus"]
    request = {"TableRestoreRequestId": asked["TableRestoreRequestId"]}
    deadline = monotonic() + 60
    while True:
        (told,) = redshift.describe_table_restore_status(**request)["TableRestoreStatusDetails"]
        if told["Status"] not in {"PENDING", "IN_PROGRESS"}:
            break
        assert monotonic() < deadline
        sleep(0.1)
    assert told["Status"] == "SUCCEEDED", told["Message"]
    assert run(f"select a from {table}_back") == [[{"longValue": 1}]]  # noqa: S608  # a name of ours
    assert run(f"select a from {table}") == []  # noqa: S608  # a name of ours
    redshift.delete_cluster_snapshot(SnapshotIdentifier=name)
    run(f"drop table {table}")
    run(f"drop table {table}_back")


def test_errors_have_aws_s_codes(session: Any) -> None:
    """Botocore knows them; what is not supported is refused by its name."""
    redshift = session.client("redshift")
    with pytest.raises(redshift.exceptions.ClusterNotFoundFault, match="`other` is not there"):
        redshift.create_cluster_snapshot(SnapshotIdentifier="s", ClusterIdentifier="other")
    with pytest.raises(redshift.exceptions.ClusterSnapshotNotFoundFault, match="`nothing` is not there"):
        redshift.restore_from_cluster_snapshot(ClusterIdentifier=CLUSTER, SnapshotIdentifier="nothing")
    with pytest.raises(redshift.exceptions.UnsupportedOperationFault, match="another one, `other`"):
        redshift.restore_from_cluster_snapshot(ClusterIdentifier="other", SnapshotIdentifier="nothing")
    with pytest.raises(redshift.exceptions.InvalidRetentionPeriodFault, match="must be -1, or 1 to 3653"):
        redshift.modify_cluster(ClusterIdentifier=CLUSTER, ManualSnapshotRetentionPeriod=0)
    with pytest.raises(redshift.exceptions.InvalidScheduleFault, match="1 to 24 hours apart"):
        redshift.create_snapshot_schedule(ScheduleIdentifier="s", ScheduleDefinitions=["rate(25 hours)"])
    with pytest.raises(ClientError, match="`CreateCluster` is not supported here") as caught:
        redshift.create_cluster(ClusterIdentifier="new", NodeType="ra3.large", MasterUsername="awsuser")
    assert caught.value.response["Error"]["Code"] == "UnsupportedOperation"


def test_what_was_due_is_taken_when_the_warehouse_starts(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warehouse of its own, whose last automated snapshot is long past; a copy of the new one is manual."""
    monkeypatch.setenv("MILLRACE_SNAPSHOTS", bucket := named("snapshots"))
    state = StateFile(tmp_path / "snapshots" / "cluster.json")
    (tmp_path / "snapshots").mkdir()
    long_past = datetime(2026, 1, 1, tzinfo=UTC)
    state.write(ClusterState(created=long_past, last=long_past))
    warehouse = Process(tmp_path, free_port(), os.environ["AWS_ENDPOINT_URL"])
    automated = one_available(warehouse, "automated")
    assert automated.startswith("rs:millrace-")
    copy = {"SourceSnapshotIdentifier": automated, "TargetSnapshotIdentifier": "kept"}
    assert "Snapshot" in call(warehouse, "CopyClusterSnapshot", **copy)
    assert one_available(warehouse, "manual") == "kept"
    keys = {each["Key"] for each in session.client("s3").list_objects_v2(Bucket=bucket)["Contents"]}
    assert keys >= {f"millrace/{name}/{end}" for name in (automated, "kept") for end in ENDS}
    warehouse.batch("create table t as select 1 as a")
    call(warehouse, "RestoreFromClusterSnapshot", ClusterIdentifier=CLUSTER, SnapshotIdentifier="kept")
    deadline = monotonic() + 60
    while warehouse.rows("select tablename from pg_tables where schemaname = 'public'"):
        assert monotonic() < deadline
        sleep(0.1)
    assert warehouse.end(signal.SIGTERM) == 0


@pytest.mark.long
def test_snapshots_come_in_pages(session: Any) -> None:
    """As boto3's paginator turns them."""
    redshift = session.client("redshift")
    names = sorted(named(f"p{number:02d}") for number in range(21))
    for name in names:
        redshift.create_cluster_snapshot(
            SnapshotIdentifier=name, ClusterIdentifier=CLUSTER, Tags=[{"Key": "pages", "Value": "1"}]
        )
    pages = redshift.get_paginator("describe_cluster_snapshots").paginate(
        TagKeys=["pages"], PaginationConfig={"PageSize": 20}
    )
    found = [[each["SnapshotIdentifier"] for each in page["Snapshots"]] for page in pages]
    assert [len(page) for page in found] == [20, 1]
    assert sorted(name for page in found for name in page) == names
    for name in names:
        redshift.get_waiter("snapshot_available").wait(SnapshotIdentifier=name, WaiterConfig=FAST)
        redshift.delete_cluster_snapshot(SnapshotIdentifier=name)


def test_schedules_and_retention_are_set(session: Any) -> None:
    """A schedule is made, becomes the cluster's, is changed, and is deleted when it is that no more."""
    redshift = session.client("redshift")
    name = named("nightly")
    made = redshift.create_snapshot_schedule(
        ScheduleIdentifier=name, ScheduleDefinitions=["cron(30 12 *)"], ScheduleDescription="at noon"
    )
    assert made["AssociatedClusterCount"] == 0
    assert {(each.hour, each.minute) for each in made["NextInvocations"]} == {(12, 30)}
    redshift.modify_cluster_snapshot_schedule(ClusterIdentifier=CLUSTER, ScheduleIdentifier=name)
    redshift.modify_snapshot_schedule(ScheduleIdentifier=name, ScheduleDefinitions=["rate(12 hours)"])
    (found,) = redshift.describe_snapshot_schedules(ClusterIdentifier=CLUSTER)["SnapshotSchedules"]
    assert found["ScheduleDefinitions"] == ["rate(12 hours)"]
    assert found["AssociatedClusters"] == [
        {"ClusterIdentifier": CLUSTER, "ScheduleAssociationState": "ACTIVE"}
    ]
    redshift.modify_cluster(
        ClusterIdentifier=CLUSTER, AutomatedSnapshotRetentionPeriod=7, ManualSnapshotRetentionPeriod=30
    )
    (cluster,) = redshift.describe_clusters()["Clusters"]
    assert cluster["SnapshotScheduleIdentifier"] == name
    assert (cluster["AutomatedSnapshotRetentionPeriod"], cluster["ManualSnapshotRetentionPeriod"]) == (7, 30)
    assert cluster["Endpoint"]["Address"] == "127.0.0.1"
    with pytest.raises(redshift.exceptions.InvalidClusterSnapshotScheduleStateFault, match="disassociate"):
        redshift.delete_snapshot_schedule(ScheduleIdentifier=name)
    redshift.modify_cluster_snapshot_schedule(ClusterIdentifier=CLUSTER, DisassociateSchedule=True)
    redshift.delete_snapshot_schedule(ScheduleIdentifier=name)
    with pytest.raises(redshift.exceptions.SnapshotScheduleNotFoundFault, match=name):
        redshift.modify_cluster_snapshot_schedule(ClusterIdentifier=CLUSTER, ScheduleIdentifier=name)
    redshift.modify_cluster(
        ClusterIdentifier=CLUSTER, AutomatedSnapshotRetentionPeriod=1, ManualSnapshotRetentionPeriod=-1
    )
