"""Redshift's API on snapshots and schedules: what it tells, and what it refuses."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.unit.warehouse.redshift.snapshots.twin import BUCKET, START, SnapshotS3
from tests.unit.warehouse.redshift.snapshots.world import CLUSTER, World
from warehouse.redshift.engine import Engine
from warehouse.redshift.snapshots.api import ClusterApi
from warehouse.redshift.snapshots.cluster import Address
from warehouse.redshift.snapshots.errors import ClusterError
from warehouse.redshift.snapshots.snapshot import Part, Snapshot

DESCRIBE = "DescribeClusterSnapshots"


def put(world: World, name: str, **described: Any) -> None:
    """Store a snapshot that nobody restores."""
    world.s3.has_bucket = True
    values = {"kind": "manual", "created": START, **described}
    world.store.commit(Snapshot(name, CLUSTER, "dev", **values).available(values.get("parts", ()), 2.0))


def found(world: World, **parameters: Any) -> list[str]:
    """Return the identifiers that DescribeClusterSnapshots tells."""
    told = world.call(DESCRIBE, **parameters)
    return [each["SnapshotIdentifier"] for each in told["Snapshots"]]


@pytest.fixture
def four(world: World) -> World:
    """Give a warehouse with four snapshots, an hour between them."""
    put(world, "a", tags=(("team", "x"),), parts=(Part("part-00000", 3 * 2**20, ""),))
    put(world, "rs:b", kind="automated", created=START + timedelta(hours=1))
    put(world, "c", created=START + timedelta(hours=2), retention_days=5, tags=(("env", "y"),))
    put(world, "d", created=START + timedelta(hours=3), parts=(Part("part-00000", 2**20, ""),))
    return world


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        pytest.param({}, ["a", "rs:b", "c", "d"], id="all"),
        pytest.param({"SnapshotIdentifier": "C"}, ["c"], id="one, in any case"),
        pytest.param(
            {"ClusterIdentifier": CLUSTER, "ClusterExists": True}, ["a", "rs:b", "c", "d"], id="cluster"
        ),
        pytest.param({"ClusterExists": False}, [], id="of clusters that are deleted"),
        pytest.param({"SnapshotType": "automated"}, ["rs:b"], id="automated"),
        pytest.param({"SnapshotType": "manual"}, ["a", "c", "d"], id="manual"),
        pytest.param({"StartTime": "2026-03-02T12:00:00+00:00"}, ["c", "d"], id="from"),
        pytest.param({"EndTime": "2026-03-02T11:00:00"}, ["a", "rs:b"], id="to, in UTC"),
        pytest.param({"OwnerAccount": "000000000000"}, ["a", "rs:b", "c", "d"], id="ours"),
        pytest.param({"OwnerAccount": "123456789012"}, [], id="another's"),
        pytest.param({"TagKeys": ["team", "env"]}, ["a", "c"], id="tag keys"),
        pytest.param({"TagValues": ["y"]}, ["c"], id="tag values"),
        pytest.param(
            {"SnapshotArn": "arn:aws:redshift:us-east-1:000000000000:snapshot:millrace/d"}, ["d"], id="arn"
        ),
        pytest.param(
            {"SortingEntities": [{"Attribute": "CREATE_TIME", "SortOrder": "DESC"}]},
            ["d", "c", "rs:b", "a"],
            id="the latest first",
        ),
        pytest.param(
            {
                "SortingEntities": [
                    {"Attribute": "SOURCE_TYPE"},
                    {"Attribute": "TOTAL_SIZE", "SortOrder": "DESC"},
                ]
            },
            ["rs:b", "a", "d", "c"],
            id="by type, then by size",
        ),
    ],
)
def test_snapshots_are_filtered(four: World, parameters: dict[str, Any], names: list[str]) -> None:
    """AWS, "DescribeClusterSnapshots"."""
    assert found(four, **parameters) == names


def test_a_snapshot_is_described(four: World) -> None:
    """Sizes in megabytes, days that remain rounded up; an automated one has no period of its own."""
    four.clock.move(hours=3)
    by_name = {each["SnapshotIdentifier"]: each for each in four.call(DESCRIBE)["Snapshots"]}
    assert by_name["a"]["TotalBackupSizeInMegaBytes"] == 3.0
    assert by_name["a"]["ManualSnapshotRetentionPeriod"] == -1
    assert "ManualSnapshotRemainingDays" not in by_name["a"]
    assert by_name["c"]["ManualSnapshotRemainingDays"] == 5
    assert by_name["c"]["ElapsedTimeInSeconds"] == 2
    assert "ManualSnapshotRetentionPeriod" not in by_name["rs:b"]
    assert (by_name["d"]["DBName"], by_name["d"]["Port"], by_name["d"]["Status"]) == (
        "dev",
        5439,
        "available",
    )


def test_pages_end_where_there_is_no_more(world: World) -> None:
    """A Marker names the last one; exactly a page has none."""
    for number in range(45):
        put(world, f"s{number:02d}", created=START + timedelta(minutes=number))
    sizes: list[int] = []
    marker: dict[str, str] = {}
    while True:
        told = world.call(DESCRIBE, MaxRecords=20, **marker)
        sizes.append(len(told["Snapshots"]))
        if "Marker" not in told:
            break
        marker = {"Marker": told["Marker"]}
    assert sizes == [20, 20, 5]
    assert "Marker" not in world.call(DESCRIBE, MaxRecords=45)


@pytest.mark.parametrize(
    ("operation", "parameters", "code", "message"),
    [
        pytest.param(
            DESCRIBE,
            {"SnapshotIdentifier": "x"},
            "ClusterSnapshotNotFound",
            "`x`",
            id="none",
        ),
        pytest.param(DESCRIBE, {"ClusterIdentifier": "x"}, "ClusterNotFound", "`x`", id="no cluster"),
        pytest.param(
            DESCRIBE,
            {"SnapshotType": "x"},
            "InvalidParameterValue",
            "SnapshotType",
            id="type",
        ),
        pytest.param(DESCRIBE, {"StartTime": "x"}, "InvalidParameterValue", "StartTime", id="time"),
        pytest.param(DESCRIBE, {"MaxRecords": 19}, "InvalidParameterValue", "20 to 100", id="few"),
        pytest.param(DESCRIBE, {"Marker": "x"}, "InvalidParameterValue", "Marker `x`", id="marker"),
        pytest.param(
            DESCRIBE,
            {"ClusterExists": True},
            "InvalidParameterCombination",
            "needs a ClusterIdentifier",
            id="exists without a cluster",
        ),
        pytest.param("DescribeClusters", {"ClusterIdentifier": "x"}, "ClusterNotFound", "`x`", id="clusters"),
        pytest.param(
            "DeleteClusterSnapshot",
            {"SnapshotIdentifier": "x"},
            "ClusterSnapshotNotFound",
            "`x`",
            id="delete",
        ),
        pytest.param(
            "DeleteClusterSnapshot",
            {"SnapshotIdentifier": "a", "SnapshotClusterIdentifier": "x"},
            "ClusterNotFound",
            "`x`",
            id="delete of another cluster",
        ),
        pytest.param(
            "DeleteClusterSnapshot",
            {"SnapshotIdentifier": "rs:b"},
            "InvalidClusterSnapshotState",
            "`rs:b` is automated",
            id="delete an automated one",
        ),
        pytest.param(
            "ModifyClusterSnapshot",
            {"SnapshotIdentifier": "rs:b", "ManualSnapshotRetentionPeriod": 5},
            "InvalidClusterSnapshotState",
            "`rs:b` is automated",
            id="modify an automated one",
        ),
        pytest.param(
            "ModifyClusterSnapshot",
            {"SnapshotIdentifier": "a", "ManualSnapshotRetentionPeriod": 3654},
            "InvalidRetentionPeriodFault",
            "got 3654",
            id="kept too long",
        ),
        pytest.param(
            "ModifyCluster",
            {"ClusterIdentifier": CLUSTER, "AutomatedSnapshotRetentionPeriod": 36},
            "InvalidRetentionPeriodFault",
            "got 36",
            id="automated kept too long",
        ),
        pytest.param(
            "ModifyCluster",
            {"ClusterIdentifier": CLUSTER, "NodeType": "ra3.4xlarge"},
            "UnsupportedOperation",
            "NodeType of ModifyCluster is not supported here",
            id="what cannot be modified",
        ),
        pytest.param(
            "CreateClusterSnapshot",
            {"ClusterIdentifier": CLUSTER, "SnapshotIdentifier": "a--b"},
            "InvalidParameterValue",
            "got `a--b`",
            id="identifier",
        ),
        pytest.param(
            "CreateClusterSnapshot",
            {"ClusterIdentifier": CLUSTER, "SnapshotIdentifier": "../x"},
            "InvalidParameterValue",
            "got `../x`",
            id="identifier that is a path",
        ),
        pytest.param(
            "CreateClusterSnapshot",
            {"ClusterIdentifier": CLUSTER, "SnapshotIdentifier": "A"},
            "ClusterSnapshotAlreadyExists",
            "`a` is there",
            id="identifier that is taken, in another case",
        ),
        pytest.param(
            "RestoreFromClusterSnapshot",
            {"ClusterIdentifier": "new", "SnapshotIdentifier": "a"},
            "UnsupportedOperation",
            "another one, `new`, is not supported here",
            id="restore to a new cluster",
        ),
        pytest.param(
            "RestoreFromClusterSnapshot",
            {"ClusterIdentifier": CLUSTER, "SnapshotIdentifier": "a", "NodeType": "dc2.large"},
            "UnsupportedOperation",
            "NodeType of RestoreFromClusterSnapshot",
            id="restore to other nodes",
        ),
        pytest.param(
            "RestoreFromClusterSnapshot",
            {"ClusterIdentifier": CLUSTER, "SnapshotIdentifier": "a"},
            "InvalidClusterSnapshotState",
            "`a` is damaged: `part-00000` is missing",
            id="restore what is damaged",
        ),
        pytest.param(
            "CreateSnapshotSchedule",
            {"ScheduleIdentifier": "s", "ScheduleDefinitions": ["rate(1 day)"]},
            "InvalidSchedule",
            "`rate(1 day)`: must be `rate(N hours)`",
            id="schedule",
        ),
        pytest.param(
            "ModifySnapshotSchedule",
            {"ScheduleIdentifier": "s", "ScheduleDefinitions": ["rate(2 hours)"]},
            "SnapshotScheduleNotFound",
            "`s`",
            id="no schedule",
        ),
        pytest.param(
            "DeleteSnapshotSchedule",
            {"ScheduleIdentifier": "s"},
            "SnapshotScheduleNotFound",
            "`s`",
            id="none",
        ),
        pytest.param(
            "ModifyClusterSnapshotSchedule",
            {"ClusterIdentifier": CLUSTER},
            "InvalidParameterValue",
            "must be given",
            id="associate nothing",
        ),
    ],
)
def test_what_is_refused(
    four: World, operation: str, parameters: dict[str, Any], code: str, message: str
) -> None:
    """By AWS's code, and by name; nothing has changed."""
    before = found(four)
    with pytest.raises(ClusterError) as caught:
        four.call(operation, **parameters)
    assert caught.value.code == code
    assert message in caught.value.message
    assert found(four) == before


def test_schedules_are_described(world: World) -> None:
    """With the times that come; a dry run keeps nothing, and a second one of the same name is refused."""
    asked = {"ScheduleIdentifier": "noon", "ScheduleDefinitions": ["cron(0 12 *)"]}
    told = world.call("CreateSnapshotSchedule", **asked, DryRun=True, NextInvocations=2)
    assert told["NextInvocations"] == ["2026-03-02T12:00:00+00:00", "2026-03-03T12:00:00+00:00"]
    assert world.call("DescribeSnapshotSchedules") == {"SnapshotSchedules": []}
    world.call("CreateSnapshotSchedule", **asked, Tags=[{"Key": "k", "Value": "v"}])
    with pytest.raises(ClusterError, match="`noon` is there") as caught:
        world.call("CreateSnapshotSchedule", **asked)
    assert caught.value.code == "SnapshotScheduleAlreadyExists"
    for parameters, count in (
        ({}, 1),
        ({"ScheduleIdentifier": "noon"}, 1),
        ({"ScheduleIdentifier": "night"}, 0),
        ({"TagKeys": ["k"]}, 1),
        ({"TagKeys": ["other"]}, 0),
        ({"ClusterIdentifier": CLUSTER}, 0),
    ):
        found = world.call("DescribeSnapshotSchedules", **parameters)["SnapshotSchedules"]
        assert len(found) == count, parameters


def test_an_operation_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    """With those that are."""
    s3 = SnapshotS3()
    engine = Engine(tmp_path / "dev.duckdb", s3)
    api = ClusterApi(engine, s3, BUCKET, tmp_path / "snapshots", Address(CLUSTER, "dev", 5439))
    with pytest.raises(ClusterError, match=r"`PauseCluster` is not supported here; there are Copy"):
        api.call("PauseCluster", {"ClusterIdentifier": CLUSTER})
    (cluster,) = api.call("DescribeClusters", {})["Clusters"]
    assert cluster["Endpoint"] == {"Address": "127.0.0.1", "Port": 5439}
    assert cluster["AutomatedSnapshotRetentionPeriod"] == 1
    assert "RestoreStatus" not in cluster
    api.close()
    engine.close()
