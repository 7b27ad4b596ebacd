"""The fuse: it blows past a share of the last records, and not before there are enough of them."""

import pytest

from pipelines.driver.fuse import LEAST_RECORDS, WINDOW_RECORDS, Fuse, FuseBlownError


def test_few_records_tell_nothing() -> None:
    """However many of them are rejected."""
    fuse = Fuse("s", 0.5)
    fuse.count(LEAST_RECORDS - 1, LEAST_RECORDS - 1)
    with pytest.raises(
        FuseBlownError, match=r"1,000 of the last 1,000 records of `s` are no events, more than 50%"
    ):
        fuse.count(1, 1)


def test_the_last_records_count() -> None:
    """A storm long ago is forgotten; one among good records blows it when its share is passed."""
    fuse = Fuse("s", 0.2)
    fuse.count(WINDOW_RECORDS, WINDOW_RECORDS // 5)
    fuse.count(WINDOW_RECORDS, 0)
    fuse.count(2_000, 2_000)
    with pytest.raises(FuseBlownError, match="--most-rejects"):
        fuse.count(1_000, 1_000)


def test_all_may_be_allowed() -> None:
    """By a share of 1."""
    fuse = Fuse("s", 1)
    for _ in range(5):
        fuse.count(WINDOW_RECORDS, WINDOW_RECORDS)
