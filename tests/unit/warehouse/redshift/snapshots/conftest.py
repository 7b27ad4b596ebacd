"""A warehouse with snapshots, and an empty S3."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.warehouse.redshift.snapshots.twin import SnapshotS3
from tests.unit.warehouse.redshift.snapshots.world import World


@pytest.fixture
def bucket() -> SnapshotS3:
    """Give an S3 in which no bucket is."""
    return SnapshotS3()


@pytest.fixture
def world(tmp_path: Path, bucket: SnapshotS3) -> Iterator[World]:
    """Give an empty warehouse."""
    world = World(tmp_path, bucket)
    yield world
    world.close()
