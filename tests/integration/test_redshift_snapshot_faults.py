"""A warehouse that is killed or stopped while it takes a snapshot or is restored from one."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from tests.integration.slow_s3 import SlowS3
from tests.integration.test_redshift_data import Process
from tests.support.stack import free_port

pytestmark = [pytest.mark.timeout(180), pytest.mark.long]

CLUSTER = {"ClusterIdentifier": "millrace"}


@pytest.fixture
def s3() -> Iterator[SlowS3]:
    """Give an S3 that waits where it is told to."""
    with SlowS3().serving() as s3:
        yield s3


def call(process: Process, operation: str, **request: Any) -> dict[str, Any]:
    """Call one operation of Redshift's API and return its answer, an error's too."""
    headers = {"X-Amz-Target": f"Redshift.{operation}"}
    return process.ask("POST", "/", json.dumps(request).encode(), **headers)[1]


def statuses(process: Process) -> dict[str, str]:
    """Return the status of each snapshot."""
    told = call(process, "DescribeClusterSnapshots")
    return {each["SnapshotIdentifier"]: each["Status"] for each in told["Snapshots"]}


def take(process: Process, name: str) -> None:
    """Take a snapshot to its end."""
    call(process, "CreateClusterSnapshot", SnapshotIdentifier=name, **CLUSTER)
    deadline = monotonic() + 60
    while statuses(process)[name] == "creating":
        assert monotonic() < deadline
        sleep(0.05)
    assert statuses(process)[name] == "available"


def wait_until_swept(s3: SlowS3, kept: set[str]) -> None:
    """Wait until S3 holds the parts of whole snapshots and no others."""
    deadline = monotonic() + 30
    while {path.split("/")[3] for path in s3.objects} != kept:
        assert monotonic() < deadline, s3.objects.keys()
        sleep(0.05)


@pytest.mark.parametrize("end", ["part-00000", "manifest.json"])
def test_a_warehouse_that_is_killed_in_a_snapshot_has_all_rows_and_no_half(
    tmp_path: Path, s3: SlowS3, end: str
) -> None:
    """The next process lists what is whole, and cleans up the rest."""
    port = free_port()
    killed = Process(tmp_path, port, s3.url)
    killed.batch("create table t (a integer)", "insert into t values (1)")
    take(killed, "whole")
    s3.held = ("PUT", f"half/{end}")
    call(killed, "CreateClusterSnapshot", SnapshotIdentifier="half", **CLUSTER)
    assert s3.is_asked.wait(30)
    assert statuses(killed) == {"whole": "available", "half": "creating"}
    killed.batch("insert into t values (2)")  # writers wait for the copy and not for S3
    assert killed.end(signal.SIGKILL) == -signal.SIGKILL
    s3.objects["/millrace-redshift-snapshots/millrace/half/part-00000"] = b"what came through"
    again = Process(tmp_path, port, s3.url)
    assert statuses(again) == {"whole": "available"}
    wait_until_swept(s3, {"whole"})
    assert again.rows("select count(*) from t") == [[{"longValue": 2}]]
    assert list((tmp_path / "snapshots" / "staging").iterdir()) == []
    s3.held = ("", "")
    take(again, "half")
    assert again.end(signal.SIGTERM) == 0


def test_a_warehouse_that_is_killed_in_a_restore_has_all_rows(tmp_path: Path, s3: SlowS3) -> None:
    """While a part is fetched; the restore can be asked for again."""
    port = free_port()
    killed = Process(tmp_path, port, s3.url)
    killed.batch("create table t (a integer)", "insert into t values (1)")
    take(killed, "one")
    killed.batch("insert into t values (2)")
    s3.held = ("GET", "part-00000")
    asked = call(killed, "RestoreFromClusterSnapshot", SnapshotIdentifier="one", **CLUSTER)
    assert asked["Cluster"]["RestoreStatus"] == {"Status": "restoring"}
    assert s3.is_asked.wait(30)
    killed.batch("insert into t values (3)")  # statements go on until the file is swapped in
    assert killed.end(signal.SIGKILL) == -signal.SIGKILL
    s3.held = ("", "")
    again = Process(tmp_path, port, s3.url)
    assert again.rows("select count(*) from t") == [[{"longValue": 3}]]
    call(again, "RestoreFromClusterSnapshot", SnapshotIdentifier="one", **CLUSTER)
    deadline = monotonic() + 60
    while call(again, "DescribeClusters")["Clusters"][0]["RestoreStatus"]["Status"] != "completed":
        assert monotonic() < deadline
        sleep(0.05)
    assert again.rows("select count(*) from t") == [[{"longValue": 1}]]
    assert again.end(signal.SIGTERM) == 0


def test_a_warehouse_that_is_stopped_in_a_snapshot_ends_soon(tmp_path: Path, s3: SlowS3) -> None:
    """SIGTERM: after the part that is on its way, and without a half that is listed."""
    stopped = Process(tmp_path, free_port(), s3.url)
    stopped.batch("create table t as select 1 as a")
    s3.held = ("PUT", "part-00000")
    call(stopped, "CreateClusterSnapshot", SnapshotIdentifier="one", **CLUSTER)
    assert s3.is_asked.wait(30)
    stopped.process.send_signal(signal.SIGTERM)
    s3.may_answer.set()
    assert stopped.process.wait(30) == 0
    assert stopped.process.stderr is not None
    stopped.process.stderr.close()
    again = Process(tmp_path, free_port(), s3.url)
    assert again.rows("select a from t") == [[{"longValue": 1}]]
    assert set(statuses(again).values()) <= {"available"}
    assert again.end(signal.SIGTERM) == 0
