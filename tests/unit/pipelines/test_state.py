"""What a shard remembers: within the horizon all, and of the last events all, however old they are."""

from datetime import UTC, datetime, timedelta

import pytest

from pipelines import state
from pipelines.state import HORIZON, OUT_OF_ORDERNESS, ShardState

JUNE = datetime(2013, 6, 1, tzinfo=UTC)
FEBRUARY = datetime(2013, 2, 8, tzinfo=UTC)


def test_a_state_survives_its_file_byte_for_byte() -> None:
    """The same state is the same bytes."""
    seen = ShardState()
    assert seen.is_new("a", JUNE)
    assert not seen.is_new("a", JUNE)
    read = ShardState.from_parquet(seen.to_parquet())
    assert read == seen
    assert read.to_parquet() == seen.to_parquet()
    assert read.watermark() == JUNE - OUT_OF_ORDERNESS
    assert ShardState().watermark() is None


def test_older_days_after_newer_ones_are_remembered() -> None:
    """A replay of February behind one of June: a copy in the next range is still a copy."""
    seen = ShardState()
    seen.is_new("june", JUNE)
    seen.is_new("february", FEBRUARY)
    assert not ShardState.from_parquet(seen.to_parquet()).is_new("february", FEBRUARY)


def test_what_is_old_and_long_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the state would grow for ever."""
    monkeypatch.setattr(state, "RECENT_EVENTS", 1)
    seen = ShardState()
    for name, at in (
        ("old", JUNE - HORIZON - timedelta(seconds=1)),
        ("edge", JUNE - HORIZON),
        ("june", JUNE),
    ):
        seen.is_new(name, at)
    assert list(ShardState.from_parquet(seen.to_parquet()).seen) == ["edge", "june"]
