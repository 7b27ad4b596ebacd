"""Positions: what a range may be, and that its batch id names it and nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.positions import ResumeAfter, ShardRange, StreamIdentity

STREAM = StreamIdentity("arn:aws:kinesis:us-east-1:000000000000:stream/flight-events", 1)
RANGE = ShardRange(STREAM, "shardId-0", ResumeAfter(5), 9)


def test_a_batch_id_is_the_same_whoever_derives_it() -> None:
    """A zombie and its heir write under the same name."""
    assert RANGE.batch_id() == replace(RANGE).batch_id()


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(RANGE, stream=replace(STREAM, arn=STREAM.arn + "2")), id="another stream"),
        pytest.param(replace(RANGE, stream=replace(STREAM, created_millis=2)), id="the stream made anew"),
        pytest.param(replace(RANGE, shard_id="shardId-1"), id="another shard"),
        pytest.param(replace(RANGE, after=ResumeAfter(6)), id="another start"),
        pytest.param(replace(RANGE, after=ResumeAfter()), id="from the start"),
        pytest.param(replace(RANGE, last=10), id="another end"),
    ],
)
def test_a_batch_id_differs_when_the_range_does(other: ShardRange) -> None:
    """Every part of a range is part of its name."""
    assert other.batch_id() != RANGE.batch_id()


@given(st.integers(min_value=0, max_value=10**56), st.integers(min_value=1, max_value=10**56))
def test_a_range_has_a_name_at_any_size_of_sequence_number(after: int, length: int) -> None:
    """Sequence numbers of 56 digits are ints, compared and named as such."""
    assert len(replace(RANGE, after=ResumeAfter(after), last=after + length).batch_id()) == 32


@pytest.mark.parametrize("last", [pytest.param(5, id="empty"), pytest.param(4, id="reversed")])
def test_an_empty_range_is_refused(last: int) -> None:
    """A plan covers at least one record."""
    with pytest.raises(ValueError, match="`last` must lie behind `after`; got"):
        replace(RANGE, last=last)


def test_a_negative_sequence_number_is_refused() -> None:
    """No shard holds one."""
    with pytest.raises(ValueError, match="`sequence_number` must not be negative; got `-1`"):
        ResumeAfter(-1)


def test_names_of_positions_sort_as_the_positions_do() -> None:
    """As strings "10" would come before "9"."""
    assert [str(ResumeAfter(each)) for each in (9, 10)] == [f"{9:056}", f"{10:056}"]
    assert str(ResumeAfter()) == "TRIM_HORIZON"
