"""An empty warehouse, and an empty S3 beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.warehouse.redshift.twin import MemoryS3
from warehouse.redshift.engine import Engine
from warehouse.redshift.locks import TableLocks


@pytest.fixture
def s3() -> MemoryS3:
    """Give an empty S3."""
    return MemoryS3()


@pytest.fixture
def engine(tmp_path: Path, s3: MemoryS3) -> Iterator[Engine]:
    """Give an empty warehouse."""
    engine = Engine(tmp_path / "warehouse.duckdb", s3, TableLocks(wait_seconds=10))
    yield engine
    engine.close()
