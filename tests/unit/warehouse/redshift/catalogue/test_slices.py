"""Slices, simulated: the skew of a DISTKEY."""

from pathlib import Path

import pytest

from tests.unit.warehouse.redshift.twin import MemoryS3
from warehouse.redshift.engine import Engine
from warehouse.redshift.settings import Settings, SettingsError


def test_a_distkey_with_one_value_lies_on_one_slice(engine: Engine) -> None:
    """AWS, "SVV_TABLE_INFO": skew_rows is the most rows of a slice over the fewest; 1 stands for none."""
    values = ", ".join(f"({number}, 1)" for number in range(4000))
    engine.execute(["create table even (a integer, b integer) distkey (a)"])
    engine.execute(["create table skewed (a integer, b integer) distkey (b)"])
    engine.execute(["create table whole (a integer, b integer) diststyle all"])
    for table in ("even", "skewed", "whole"):
        engine.execute([f"insert into {table} values {values}"])  # noqa: S608  # ours
    sql = 'select "table", tbl_rows, skew_rows from svv_table_info order by 1'
    even, skewed, whole = engine.execute([sql])[0].rows
    assert even[:2] == ("even", 4000)
    assert 1 <= even[2] < 1.3
    assert skewed == ("skewed", 4000, 4000)
    assert whole == ("whole", 4000, None)
    sql = "select slice, rows from stv_tbl_perm where name = 'skewed' and rows > 0"
    ((slice_, rows),) = engine.execute([sql])[0].rows
    assert (slice_ in range(4), rows) == (True, 4000)


def test_tables_without_a_key_are_spread_by_their_style(engine: Engine) -> None:
    """EVEN in turn; ALL once on the node."""
    engine.execute(["create table even (a integer) diststyle even", "insert into even values (1), (2), (3)"])
    engine.execute(["create table whole (a integer) diststyle all", "insert into whole values (1), (2)"])
    sql = "select slice, rows from stv_tbl_perm where name = '{}' order by slice"
    assert engine.execute([sql.format("even")])[0].rows == [(0, 1), (1, 1), (2, 1), (3, 0)]
    assert engine.execute([sql.format("whole")])[0].rows == [(0, 2), (1, 0), (2, 0), (3, 0)]
    assert engine.execute(["select count(*) from stv_slices"])[0].rows == [(4,)]


def test_the_number_of_slices_is_a_setting(tmp_path: Path) -> None:
    """MILLRACE_DATABASE_SLICES."""
    settings = Settings.from_env({"MILLRACE_DATABASE_SLICES": "7"})
    engine = Engine(tmp_path / "w.duckdb", MemoryS3(), slices=settings.slices)
    assert engine.execute(["select count(*) from stv_slices"])[0].rows == [(7,)]
    engine.close()
    for wrong in ("0", "many"):
        with pytest.raises(SettingsError, match="`MILLRACE_DATABASE_SLICES`"):
            Settings.from_env({"MILLRACE_DATABASE_SLICES": wrong})
