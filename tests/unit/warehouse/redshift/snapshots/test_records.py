"""Snapshots from their creation to their end, with an S3 in memory."""

from pathlib import Path
from time import sleep

import pytest

from tests.unit.warehouse.redshift.snapshots.twin import BUCKET, SnapshotS3
from tests.unit.warehouse.redshift.snapshots.world import CLUSTER, World
from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import EndedSessionError
from warehouse.redshift.snapshots.copying import copy_file
from warehouse.redshift.snapshots.errors import ClusterError

PART = f"s3://{BUCKET}/{CLUSTER}/one/part-00000"


@pytest.fixture
def filled(world: World) -> World:
    """Give a warehouse with one row, and a snapshot of it."""
    world.run("create table t (a integer)", "insert into t values (1)")
    world.take("one")
    return world


def restore(world: World, identifier: str) -> None:
    """Restore to the end."""
    world.call("RestoreFromClusterSnapshot", ClusterIdentifier=CLUSTER, SnapshotIdentifier=identifier)
    world.settle()


def test_a_restore_brings_back_what_was_there(filled: World, tmp_path: Path) -> None:
    """Rows that came later are gone, tables that fell are back, and what is written then is kept."""
    filled.run("insert into t values (2)", "create table u (a integer)")
    filled.take("two")
    filled.run("drop table u")
    restore(filled, "two")
    assert filled.run("select a from t order by a") == [(1,), (2,)]
    assert filled.run("select count(*) from u") == [(0,)]
    restore(filled, "one")
    assert filled.run("select a from t") == [(1,)]
    filled.run("insert into t values (5)")
    filled.close()
    again = World(tmp_path, filled.s3)
    assert again.run("select a from t order by a") == [(1,), (5,)]
    again.close()


def test_a_snapshot_is_creating_until_it_is_whole(world: World) -> None:
    """It cannot be used or deleted before, and its identifier is taken."""
    with world.engine.writing():  # the copy waits for it
        world.call("CreateClusterSnapshot", SnapshotIdentifier="one", ClusterIdentifier=CLUSTER)
        assert world.statuses() == {"one": "creating"}
        for operation, parameters in (
            ("DeleteClusterSnapshot", {}),
            ("ModifyClusterSnapshot", {"ManualSnapshotRetentionPeriod": 5}),
            ("RestoreFromClusterSnapshot", {"ClusterIdentifier": CLUSTER}),
        ):
            with pytest.raises(ClusterError, match="snapshot `one` is creating") as caught:
                world.call(operation, SnapshotIdentifier="one", **parameters)
            assert caught.value.code == "InvalidClusterSnapshotState"
        with pytest.raises(ClusterError) as caught:
            world.snapshots.create("one", -1, ())
        assert caught.value.code == "ClusterSnapshotAlreadyExists"
    world.settle()
    assert world.statuses() == {"one": "available"}


def test_sessions_that_are_open_are_ended_by_a_restore(filled: World) -> None:
    """They are told at their next statement; a new one sees what was restored."""
    idle, in_transaction = filled.engine.session("idle"), filled.engine.session("busy")
    in_transaction.run(["begin", "lock t", "insert into t values (7)"])
    restore(filled, "one")
    for session in (idle, in_transaction):
        with pytest.raises(
            EndedSessionError, match="terminating connection: the warehouse was restored"
        ) as told:
            session.run(["select 1"])
        assert told.value.sqlstate == "57P01"
        assert session.state == "idle"
        session.close()
    assert filled.run("lock t", "select a from t") == [(1,)]


def test_what_a_restore_took_away_is_not_told_as_committed(filled: World) -> None:
    """A transaction that waits for its end, as between two messages of a client on the wire."""
    session = filled.engine.session("awsuser")
    session.run(["insert into t values (7)"], settles=False)
    restore(filled, "one")
    with pytest.raises(EndedSessionError):
        session.settle()
    session.close()
    assert filled.run("select a from t") == [(1,)]


def test_a_restore_waits_for_no_statement_for_ever(
    filled: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """One that runs on is left alone: the restore has failed, and nothing has changed."""
    monkeypatch.setattr("warehouse.redshift.snapshots.jobs.RESTORE_WAIT_SECONDS", 0.01)
    with filled.engine.writing() as writer:
        restore(filled, "one")
        writer.execute("insert into public.t values (2)")
    assert filled.snapshots.restore_status == "failed"
    assert "restoring snapshot one: statements ran for more than 0.01 s" in capfd.readouterr().err
    assert filled.statuses() == {"one": "available"}
    assert filled.run("select count(*) from t") == [(2,)]


def test_a_damaged_snapshot_is_refused_by_name(filled: World, bucket: SnapshotS3) -> None:
    """At once where a part is missing; the warehouse goes on with what it has."""
    filled.run("insert into t values (2)")
    bucket.objects[PART] = bucket.objects[PART][:-1]
    for _ in range(2):
        with pytest.raises(
            ClusterError, match=r"snapshot `one` is damaged: `part-00000` has \d+ bytes"
        ) as caught:
            filled.snapshots.restore("one")
        assert caught.value.code == "InvalidClusterSnapshotState"
    assert filled.statuses() == {"one": "failed"}
    assert filled.snapshots.restore_status is None
    assert filled.run("select count(*) from t") == [(2,)]
    filled.snapshots.delete("one")
    assert filled.statuses() == {}


def test_a_part_that_changed_inside_is_found_when_it_is_fetched(
    filled: World, bucket: SnapshotS3, capfd: pytest.CaptureFixture[str]
) -> None:
    """The restore has failed, the snapshot is failed, and whoever tries again is told why."""
    filled.run("insert into t values (2)")
    data = bytearray(bucket.objects[PART])
    data[-1] ^= 1
    bucket.objects[PART] = bytes(data)
    restore(filled, "one")
    assert filled.snapshots.restore_status == "failed"
    assert "snapshot `one` is damaged: `part-00000` has the SHA-256" in capfd.readouterr().err
    with pytest.raises(ClusterError, match="snapshot `one` is damaged: `part-00000` has the SHA-256"):
        filled.snapshots.restore("one")
    assert filled.run("select count(*) from t") == [(2,)]


def test_a_snapshot_that_cannot_be_stored_is_failed(
    world: World, bucket: SnapshotS3, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It is listed as such until it is deleted, and nothing of it stays."""
    with world.engine.writing():  # S3 goes away between the request and the copy
        world.call("CreateClusterSnapshot", SnapshotIdentifier="one", ClusterIdentifier=CLUSTER)
        bucket.is_down = True
    world.settle()
    bucket.is_down = False
    assert world.statuses() == {"one": "failed"}
    assert "snapshot one: cannot be stored: Could not connect" in capfd.readouterr().err
    assert list((tmp_path / "staging").iterdir()) == []
    assert bucket.objects == {}
    with pytest.raises(ClusterError, match="`one` is failed"):
        world.snapshots.restore("one")
    world.snapshots.delete("one")
    assert world.statuses() == {}


def test_a_snapshot_is_tried_again_while_somebody_writes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until there is a moment."""
    monkeypatch.setattr("warehouse.redshift.snapshots.jobs.RETRY_SECONDS", 0.01)
    tries: list[Path] = []

    def soon(engine: Engine, file: Path) -> None:
        tries.append(file)
        copy_file(engine, file, 0.01)

    monkeypatch.setattr("warehouse.redshift.snapshots.jobs.copy_file", soon)
    with world.engine.writing():
        world.call("CreateClusterSnapshot", SnapshotIdentifier="one", ClusterIdentifier=CLUSTER)
        while len(tries) < 2:
            sleep(0.01)
        assert world.statuses() == {"one": "creating"}
    world.settle()
    assert world.statuses() == {"one": "available"}


def test_a_snapshot_is_not_tried_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is failed then, and says why."""
    monkeypatch.setattr("warehouse.redshift.snapshots.jobs.PATIENCE_SECONDS", -1.0)
    monkeypatch.setattr(
        "warehouse.redshift.snapshots.jobs.copy_file", lambda engine, file: copy_file(engine, file, 0.01)
    )
    with world.engine.writing():
        world.take("one")
    assert world.statuses() == {"one": "failed"}
    assert "somebody wrote to the warehouse all the time" in capfd.readouterr().err


def test_an_s3_that_does_not_run_is_told_with_aws_s_code(world: World, bucket: SnapshotS3) -> None:
    """And the warehouse goes on."""
    bucket.is_down = True
    with pytest.raises(ClusterError, match="S3: cannot be listed: Could not connect") as caught:
        world.snapshots.create("one", -1, ())
    assert caught.value.code == "DependentServiceUnavailableFault"
    assert world.run("select 1") == [(1,)]


def test_an_automated_snapshot_is_copied_to_a_manual_one(world: World) -> None:
    """AWS, "CopyClusterSnapshot": the source must be automated; its copy outlives it."""
    world.run("create table t as select 3 as a")
    world.snapshots.create("rs:one", 1, (), "automated")
    world.settle()
    world.call("CopyClusterSnapshot", SourceSnapshotIdentifier="rs:one", TargetSnapshotIdentifier="two")
    world.settle()
    assert world.snapshots.get("two").kind == "manual"
    assert world.snapshots.get("two").retention_days == -1
    world.snapshots.delete("rs:one", "automated")
    world.run("delete from t")
    restore(world, "two")
    assert world.run("select a from t") == [(3,)]
    with pytest.raises(ClusterError, match="`two` is manual; automated ones can be copied"):
        world.snapshots.copy("two", "three", -1)


def test_halves_of_a_process_that_died_are_swept(tmp_path: Path, bucket: SnapshotS3) -> None:
    """What it staged as well; what is whole stays."""
    world = World(tmp_path, bucket)
    world.take("whole")
    world.close()
    bucket.objects[f"s3://{BUCKET}/{CLUSTER}/half/part-00000"] = b"x"
    (tmp_path / "staging" / "left").mkdir()
    again = World(tmp_path, bucket)
    assert list((tmp_path / "staging").iterdir()) == []
    assert again.statuses() == {"whole": "available"}
    again.cluster.tick()
    assert f"s3://{BUCKET}/{CLUSTER}/half/part-00000" not in bucket.objects
    assert again.statuses() == {"whole": "available"}
    again.close()
