"""What a cluster is set to, and what comes of it when time passes."""

from pathlib import Path
from time import sleep

import pytest

from tests.unit.warehouse.redshift.snapshots.twin import SnapshotS3
from tests.unit.warehouse.redshift.snapshots.world import CLUSTER, World
from warehouse.redshift.snapshots.cluster import Ticking
from warehouse.redshift.snapshots.errors import ClusterError


def pass_hours(world: World, hours: int) -> list[str]:
    """Let hours pass, an hour a tick, and return the automated snapshots that are there then."""
    for _ in range(hours):
        world.clock.move(hours=1)
        world.cluster.tick()
        world.settle()
    return [f"{each.created:%d %H}" for each in world.snapshots.all() if each.kind == "automated"]


def test_automated_snapshots_are_taken_each_eight_hours(world: World) -> None:
    """AWS's default, and its names; they are kept for a day."""
    assert pass_hours(world, 7) == []
    assert pass_hours(world, 1) == ["02 18"]
    assert list(world.statuses()) == ["rs:millrace-2026-03-02-18-00-00"]
    assert pass_hours(world, 24) == ["03 02", "03 10", "03 18"]


def test_the_latest_automated_snapshot_stays_until_they_are_turned_off(world: World) -> None:
    """AWS, "Amazon Redshift snapshots and backups"; none is taken then."""
    pass_hours(world, 8)
    world.clock.move(days=3)
    world.snapshots.expire(1)
    assert list(world.statuses()) == ["rs:millrace-2026-03-02-18-00-00"]
    world.call("ModifyCluster", ClusterIdentifier=CLUSTER, AutomatedSnapshotRetentionPeriod=0)
    assert world.statuses() == {}
    assert pass_hours(world, 24) == []


def test_a_shorter_retention_deletes_at_once(world: World) -> None:
    """AWS, "ModifyCluster"."""
    world.call("ModifyCluster", ClusterIdentifier=CLUSTER, AutomatedSnapshotRetentionPeriod=35)
    assert len(pass_hours(world, 64)) == 8
    world.call("ModifyCluster", ClusterIdentifier=CLUSTER, AutomatedSnapshotRetentionPeriod=1)
    assert len([each for each in world.snapshots.all() if each.kind == "automated"]) == 3


def test_a_schedule_takes_the_place_of_the_default(world: World) -> None:
    """From when it is associated until it is not."""
    world.call("ModifyCluster", ClusterIdentifier=CLUSTER, AutomatedSnapshotRetentionPeriod=7)
    world.call("CreateSnapshotSchedule", ScheduleIdentifier="noon", ScheduleDefinitions=["cron(0 12 *)"])
    associate = {"ClusterIdentifier": CLUSTER, "ScheduleIdentifier": "noon"}
    world.call("ModifyClusterSnapshotSchedule", **associate)
    assert pass_hours(world, 30) == ["02 12", "03 12"]
    world.call("ModifySnapshotSchedule", ScheduleIdentifier="noon", ScheduleDefinitions=["rate(2 hours)"])
    assert pass_hours(world, 2) == ["02 12", "03 12", "03 17"]
    world.call("ModifyClusterSnapshotSchedule", ClusterIdentifier=CLUSTER, DisassociateSchedule=True)
    assert pass_hours(world, 7)[3:] == ["04 01"]


def test_what_was_due_while_it_did_not_run_is_taken_once(tmp_path: Path, bucket: SnapshotS3) -> None:
    """Settings outlive the process, and so does when the last one was."""
    world = World(tmp_path, bucket)
    schedule = {"ScheduleIdentifier": "often", "ScheduleDefinitions": ["rate(1 hour)"]}
    world.call("CreateSnapshotSchedule", **schedule, Tags=[{"Key": "k", "Value": "v"}])
    world.call("ModifyClusterSnapshotSchedule", ClusterIdentifier=CLUSTER, ScheduleIdentifier="often")
    world.call(
        "ModifyCluster",
        ClusterIdentifier=CLUSTER,
        AutomatedSnapshotRetentionPeriod=9,
        ManualSnapshotRetentionPeriod=4,
    )
    state = world.cluster.state
    world.close()
    again = World(tmp_path, bucket)
    assert again.cluster.state == state
    again.clock.move(hours=9)
    again.cluster.tick()
    again.cluster.tick()
    again.settle()
    assert len(again.statuses()) == 1
    assert again.cluster.state.next == again.clock.time.replace(hour=20)
    again.close()


def test_what_is_due_waits_for_s3(world: World, bucket: SnapshotS3) -> None:
    """It is not forgotten."""
    world.clock.move(hours=8)
    bucket.is_down = True
    with pytest.raises(ClusterError, match="Could not connect"):
        world.cluster.tick()
    bucket.is_down = False
    world.cluster.tick()
    world.settle()
    assert list(world.statuses().values()) == ["available"]


def test_a_manual_snapshot_is_kept_as_long_as_it_is_said(world: World) -> None:
    """By its own period, else by the cluster's when it was taken; -1 is for ever."""
    world.call("ModifyCluster", ClusterIdentifier=CLUSTER, ManualSnapshotRetentionPeriod=2)
    world.take("two-days")
    world.take("five-days", ManualSnapshotRetentionPeriod=5)
    world.take("for-ever", ManualSnapshotRetentionPeriod=-1)
    world.call("ModifyCluster", ClusterIdentifier=CLUSTER, ManualSnapshotRetentionPeriod=1)
    manual = []
    for _ in range(4):
        manual.append([name for name in world.statuses() if ":" not in name])
        world.clock.move(days=2)
        world.cluster.tick()
        world.settle()
    assert manual == [
        ["five-days", "for-ever", "two-days"],
        ["five-days", "for-ever"],
        ["five-days", "for-ever"],
        ["for-ever"],
    ]


def test_a_period_that_is_over_must_be_forced(world: World) -> None:
    """AWS, "ModifyClusterSnapshot": Force deletes the snapshot then."""
    world.take("old")
    world.clock.move(days=3)
    world.call("ModifyClusterSnapshot", SnapshotIdentifier="old", ManualSnapshotRetentionPeriod=4)
    with pytest.raises(ClusterError, match="is older than 2 days; Force deletes it") as caught:
        world.call("ModifyClusterSnapshot", SnapshotIdentifier="old", ManualSnapshotRetentionPeriod=2)
    assert caught.value.code == "InvalidRetentionPeriodFault"
    assert world.snapshots.get("old").retention_days == 4
    told = world.call(
        "ModifyClusterSnapshot", SnapshotIdentifier="old", ManualSnapshotRetentionPeriod=2, Force=True
    )
    assert told["Snapshot"]["Status"] == "deleted"
    assert world.statuses() == {}


def test_a_thread_ticks_and_lives_on_after_an_error(
    world: World, bucket: SnapshotS3, capfd: pytest.CaptureFixture[str]
) -> None:
    """It tells of an S3 that does not run once, and takes what is due when it runs."""
    world.clock.move(hours=8)
    bucket.is_down = True
    ticking = Ticking(world.cluster, 0.01)
    while len([each for each in list(bucket.asked) if each.startswith("list")]) < 3:
        sleep(0.01)
    bucket.is_down = False
    while world.cluster.state.last != world.clock.time:
        sleep(0.01)
    ticking.close()
    world.settle()
    assert list(world.statuses().values()) == ["available"]
    assert capfd.readouterr().err.count("Could not connect") == 1
