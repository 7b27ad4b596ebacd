"""One table out of a snapshot."""

from typing import Any

import pytest

from tests.unit.warehouse.redshift.snapshots.twin import BUCKET, SnapshotS3
from tests.unit.warehouse.redshift.snapshots.world import CLUSTER, World
from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.snapshots.errors import ClusterError

ASKED = {
    "ClusterIdentifier": CLUSTER,
    "SnapshotIdentifier": "one",
    "SourceDatabaseName": "dev",
    "SourceTableName": "T",
    "NewTableName": "back",
}


@pytest.fixture
def filled(world: World) -> World:
    """Give a warehouse with a table of each kind, and a snapshot of it."""
    world.run(
        "create table t (a integer not null, b varchar(3) default 'x') diststyle key distkey (a) sortkey (a)",
        "insert into t values (1, 'é'), (2, null)",
    )
    world.take("one")
    return world


def restore(world: World, **parameters: Any) -> dict[str, Any]:
    """Restore a table to the end, and return how it went."""
    asked = world.call("RestoreTableFromClusterSnapshot", **ASKED | parameters)["TableRestoreStatus"]
    assert asked["Status"] in {"PENDING", "IN_PROGRESS"}
    world.settle()
    told = world.call("DescribeTableRestoreStatus", TableRestoreRequestId=asked["TableRestoreRequestId"])
    (status,) = told["TableRestoreStatusDetails"]
    assert isinstance(status, dict)
    return status


def test_a_table_comes_back_beside_the_one_that_is_there(filled: World) -> None:
    """Its rows as they were, its columns with their rules, and its layout."""
    filled.run("delete from t where a = 1")
    told = restore(filled)
    assert (told["Status"], told["Message"]) == ("SUCCEEDED", "")
    assert (told["SourceSchemaName"], told["SourceTableName"]) == ("public", "t")
    assert (told["TargetSchemaName"], told["NewTableName"]) == ("public", "back")
    assert filled.run("select a, b from back order by a") == [(1, "é"), (2, None)]
    assert filled.run("select a from t") == [(2,)]
    filled.run("insert into back (a) values (3)")
    assert filled.run("select b from back where a = 3") == [("x",)]
    with pytest.raises(RedshiftError, match=r"value too long for type character varying\(3\)"):
        filled.run("insert into back values (4, 'éé')")
    with pytest.raises(RedshiftError, match="cannot insert a NULL value"):
        filled.run("insert into back (b) values ('x')")
    layouts = 'select diststyle, sortkey1 from svv_table_info where "table" = '
    assert filled.run(f"{layouts}'back'") == filled.run(f"{layouts}'t'")
    assert filled.run(f"{layouts}'back'") != []


def test_a_table_takes_its_own_name_when_that_is_free(filled: World) -> None:
    """AWS, "RestoreTableFromClusterSnapshot": rename or drop the one that is there first."""
    assert restore(filled, NewTableName="t")["Message"] == 'relation "t" already exists'
    filled.run("drop table t")
    assert restore(filled, NewTableName="t")["Status"] == "SUCCEEDED"
    assert filled.run("select count(*) from t") == [(2,)]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        pytest.param(
            {"SourceTableName": "u"}, 'the snapshot has no table "u" in schema "public"', id="no table"
        ),
        pytest.param(
            {"SourceSchemaName": "s"}, 'the snapshot has no table "t" in schema "s"', id="no schema"
        ),
        pytest.param(
            {"SourceTableName": "T", "EnableCaseSensitiveIdentifier": True},
            'the snapshot has no table "T" in schema "public"',
            id="case matters",
        ),
        pytest.param(
            {"SourceTableName": "tables", "SourceSchemaName": "_system"},
            'the snapshot has no table "tables" in schema "_system"',
            id="the warehouse's own",
        ),
        pytest.param({"TargetSchemaName": "s"}, "", id="no schema to put it in"),
    ],
)
def test_what_cannot_be_restored_is_told(filled: World, parameters: dict[str, Any], message: str) -> None:
    """The request has failed, says why, and has left nothing."""
    told = restore(filled, **parameters)
    assert told["Status"] == "FAILED"
    assert message in told["Message"]
    assert told["Message"]
    with pytest.raises(RedshiftError, match='"back" does not exist'):
        filled.run("select * from back")


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        pytest.param({"ClusterIdentifier": "other"}, "ClusterNotFound", id="another cluster"),
        pytest.param({"SnapshotIdentifier": "two"}, "ClusterSnapshotNotFound", id="no snapshot"),
        pytest.param({"SourceDatabaseName": "other"}, "InvalidTableRestoreArgument", id="another database"),
        pytest.param({"TargetDatabaseName": "other"}, "InvalidTableRestoreArgument", id="to another one"),
    ],
)
def test_a_request_that_is_wrong_is_refused(filled: World, parameters: dict[str, Any], code: str) -> None:
    """By AWS's codes."""
    with pytest.raises(ClusterError) as caught:
        restore(filled, **parameters)
    assert caught.value.code == code


def test_an_identity_column_is_refused_by_name(world: World) -> None:
    """Its numbers come from a sequence, which is not the table's."""
    with world.engine.writing() as connection:
        connection.execute("create sequence public.numbers").fetchall()
        connection.execute("create table public.t (a bigint default nextval('public.numbers'))").fetchall()
    world.take("one")
    told = restore(world)
    assert told["Status"] == "FAILED"
    assert told["Message"] == 'table "t" has an IDENTITY column, which cannot be restored alone'


def test_a_damaged_snapshot_gives_no_table(filled: World, bucket: SnapshotS3) -> None:
    """Its name, and what is wrong with it, are in the message."""
    part = f"s3://{BUCKET}/{CLUSTER}/one/part-00000"
    bucket.objects[part] = bucket.objects[part][:-1] + bytes([bucket.objects[part][-1] ^ 1])
    told = restore(filled)
    assert told["Status"] == "FAILED"
    assert "snapshot `one` is damaged: `part-00000` has the SHA-256" in told["Message"]


def test_a_request_that_is_not_known(world: World) -> None:
    """AWS's code; without one asked for, all are told."""
    with pytest.raises(ClusterError, match="table restore `7` is not there") as caught:
        world.call("DescribeTableRestoreStatus", TableRestoreRequestId="7")
    assert caught.value.code == "TableRestoreNotFoundFault"
    assert world.call("DescribeTableRestoreStatus") == {"TableRestoreStatusDetails": []}
