"""A warehouse with a table, a view and a schema, that the tests of the catalogue only read."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest

from tests.unit.warehouse.redshift.twin import MemoryS3
from warehouse.redshift.engine import Engine
from warehouse.redshift.session import Session

TABLES = (
    "create table t (a integer not null, b varchar(16) default 'x', c numeric(9, 2)) distkey (a) sortkey (a)",
    "insert into t values (1, 'a', 1.5), (2, 'b', 2.5)",
    "create view v as select a from t",
)


@pytest.fixture(scope="module")
def read_only(tmp_path_factory: pytest.TempPathFactory, empty_file: Path) -> Iterator[Engine]:
    """Give the warehouse, whose database is called dev."""
    file = tmp_path_factory.mktemp("warehouse") / "dev.duckdb"
    copyfile(empty_file, file)
    engine = Engine(file, MemoryS3())
    engine.execute(TABLES)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def session(read_only: Engine) -> Iterator[Session]:
    """Give a session of the master user."""
    session = read_only.session("awsuser")
    yield session
    session.close()
