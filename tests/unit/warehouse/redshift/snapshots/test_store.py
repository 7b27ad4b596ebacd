"""Snapshots in S3: whole or absent, and never damaged without a word."""

from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from tests.unit.warehouse.redshift.snapshots.twin import BUCKET, START, SnapshotS3
from warehouse.redshift.snapshots.errors import DamagedError, SnapshotError
from warehouse.redshift.snapshots.snapshot import Snapshot
from warehouse.redshift.snapshots.store import SnapshotStore

DATA = b"0123456789"
PART = f"s3://{BUCKET}/millrace/one/part-00001"
MANIFEST = f"s3://{BUCKET}/millrace/one/manifest.json"


@pytest.fixture
def store(bucket: SnapshotS3) -> SnapshotStore:
    """Give a store whose parts have four bytes."""
    return SnapshotStore(bucket, BUCKET, "millrace", part_bytes=4)


def put(store: SnapshotStore, folder: Path, name: str) -> Snapshot:
    """Store a snapshot of ten bytes."""
    file = folder / "file"
    file.write_bytes(DATA)
    snapshot = Snapshot(name, "millrace", "dev", "manual", START, 5, (("key", "value"),))
    done = snapshot.available(store.put(snapshot, file, Event()), 1.5)
    store.commit(done)
    return done


def test_a_snapshot_is_read_as_it_was_written(store: SnapshotStore, tmp_path: Path) -> None:
    """Its parts, and what is known of it; the bucket is made by the first, and found by the second."""
    assert store.all() == []
    done = put(store, tmp_path, "one")
    assert [part.size for part in done.parts] == [4, 4, 2]
    put(store, tmp_path, "two")
    assert [each.identifier for each in store.all()] == ["one", "two"]
    assert store.all()[0] == done
    store.check(done)
    store.fetch(done, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == DATA


def test_a_manifest_is_read_once(store: SnapshotStore, bucket: SnapshotS3, tmp_path: Path) -> None:
    """And again when it has changed."""
    done = put(store, tmp_path, "one")
    store.all()
    bucket.asked.clear()
    store.all()
    assert not any(each.startswith("get") for each in bucket.asked)
    store.commit(replace(done, retention_days=9))
    assert store.all()[0].retention_days == 9


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param(None, "`part-00001` is missing", id="missing"),
        pytest.param(b"456", "`part-00001` has 3 bytes, and its manifest says 4", id="cut"),
        pytest.param(b"4x67", "`part-00001` has the SHA-256", id="changed"),
    ],
)
def test_damage_is_told_by_name(
    store: SnapshotStore, bucket: SnapshotS3, tmp_path: Path, data: bytes | None, told: str
) -> None:
    """Of the snapshot, and of the part; what has changed inside is seen when it is fetched."""
    done = put(store, tmp_path, "one")
    if data is None:
        del bucket.objects[PART]
    else:
        bucket.objects[PART] = data
    if "SHA-256" not in told:
        with pytest.raises(DamagedError, match=f"snapshot `one` is damaged: {told}"):
            store.check(done)
    with pytest.raises(DamagedError, match="snapshot `one` is damaged: `part-00001`"):
        store.fetch(done, tmp_path / "fetched")


@pytest.mark.parametrize(
    "data", [b"{", b"{}", b"[]", b'{"version": 2}', b'{"version": 1, "identifier": "one"}']
)
def test_a_manifest_that_cannot_be_read_is_a_snapshot_that_failed(
    store: SnapshotStore, bucket: SnapshotS3, tmp_path: Path, data: bytes
) -> None:
    """It hides no other, and can be deleted."""
    put(store, tmp_path, "one")
    put(store, tmp_path, "two")
    bucket.objects[MANIFEST] = data
    assert {each.identifier: each.status for each in store.all()} == {"one": "failed", "two": "available"}
    store.delete("one")
    assert [each.identifier for each in store.all()] == ["two"]


def test_the_manifest_is_written_last_and_deleted_first(
    store: SnapshotStore, bucket: SnapshotS3, tmp_path: Path
) -> None:
    """So that nobody lists half a snapshot."""
    put(store, tmp_path, "one")
    puts = [each for each in bucket.asked if each.startswith("put")]
    assert puts[-1] == "put millrace/one/manifest.json"
    store.delete("one")
    deleted = [each for each in bucket.asked if each.startswith("delete")]
    assert deleted[0] == "delete millrace/one/manifest.json"
    assert len(deleted) == 4
    assert bucket.objects == {}


def test_halves_are_swept(store: SnapshotStore, bucket: SnapshotS3, tmp_path: Path) -> None:
    """But not one that is being made, one that is whole, or one of another cluster."""
    for name in ("half", "made", "whole"):
        put(store, tmp_path, name)
    for name in ("half", "made"):
        del bucket.objects[f"s3://{BUCKET}/millrace/{name}/manifest.json"]
    bucket.objects[f"s3://{BUCKET}/other/half/part-00000"] = b"x"
    assert [each.identifier for each in store.all()] == ["whole"]
    assert store.sweep(["made"]) == ["half"]
    assert {url.split("/", 3)[3].rpartition("/")[0] for url in bucket.objects} == {
        "millrace/made",
        "millrace/whole",
        "other/half",
    }


def test_a_store_that_is_stopped_ends_between_parts(store: SnapshotStore, tmp_path: Path) -> None:
    """And says why."""
    file = tmp_path / "file"
    file.write_bytes(DATA)
    stopped = Event()
    stopped.set()
    snapshot = Snapshot("one", "millrace", "dev", "manual", START)
    with pytest.raises(SnapshotError, match="is being stopped"):
        store.put(snapshot, file, stopped)


def test_an_s3_that_does_not_run_is_told(store: SnapshotStore, bucket: SnapshotS3, tmp_path: Path) -> None:
    """And is no damage."""
    done = put(store, tmp_path, "one")
    bucket.is_down = True
    with pytest.raises(SnapshotError, match="cannot be listed: Could not connect"):
        store.all()
    with pytest.raises(SnapshotError, match="cannot be fetched: Could not connect") as caught:
        store.fetch(done, tmp_path / "fetched")
    assert not isinstance(caught.value, DamagedError)
    with pytest.raises(SnapshotError, match="cannot be deleted: Could not connect"):
        store.delete("one")
    with pytest.raises(SnapshotError, match="cannot be stored: Could not connect"):
        store.commit(done)
