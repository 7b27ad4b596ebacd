"""An empty warehouse, and an empty S3 beside it."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest

from tests.unit.warehouse.redshift.twin import MemoryS3
from warehouse.redshift.engine import Engine
from warehouse.redshift.locks import TableLocks


@pytest.fixture
def s3() -> MemoryS3:
    """Give an empty S3."""
    return MemoryS3()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of an empty warehouse: its catalogue takes a second to make, and a copy takes none."""
    file = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    Engine(file, MemoryS3()).close()
    return file


@pytest.fixture
def engine(tmp_path: Path, s3: MemoryS3, empty_file: Path) -> Iterator[Engine]:
    """Give an empty warehouse."""
    file = tmp_path / "warehouse.duckdb"
    copyfile(empty_file, file)
    engine = Engine(file, s3, TableLocks(wait_seconds=10))
    yield engine
    engine.close()
