"""One suite for both tables of checkpoints: DynamoDB and its twin in memory fence in the same way."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from app.commands.bootstrap import prepare
from contracts.positions import ResumeAfter, ShardRange, StreamIdentity
from pipelines.driver.checkpoints import (
    Checkpoints,
    Claim,
    DynamoCheckpoints,
    MemoryCheckpoints,
    ShardLostError,
)
from pipelines.driver.start import Start

if TYPE_CHECKING:
    from runtime.settings import Settings

pytestmark = pytest.mark.timeout(180)
STREAM = StreamIdentity("arn:aws:kinesis:us-east-1:000000000000:stream/flight-events", 1)
SHARD = "shardId-000000000000"
FIRST = ShardRange(STREAM, SHARD, ResumeAfter(), 10**50)
SECOND = ShardRange(STREAM, SHARD, ResumeAfter(10**50), 10**50 + 7)


@pytest.fixture(params=["memory", "dynamodb"])
def checkpoints(request: pytest.FixtureRequest) -> Checkpoints:
    """Give an empty table of each kind; DynamoDB is the local cloud's, really started."""
    if request.param == "memory":
        return MemoryCheckpoints(request.node.name)
    world: Settings = request.getfixturevalue("world")
    prepare(world)
    return DynamoCheckpoints(world)


def test_a_shard_goes_on_where_it_was_committed(checkpoints: Checkpoints) -> None:
    """With sequence numbers beyond what DynamoDB's numbers hold."""
    claim = checkpoints.claim(STREAM, SHARD)
    assert claim == Claim(ResumeAfter(), claim.epoch)
    checkpoints.commit(FIRST, claim.epoch)
    checkpoints.commit(SECOND, claim.epoch)
    assert checkpoints.claim(STREAM, SHARD) == Claim(ResumeAfter(SECOND.last), claim.epoch + 1)


def test_an_earlier_owner_is_fenced_off(checkpoints: Checkpoints) -> None:
    """Its commit fails and changes nothing; the later owner's takes effect."""
    early, late = (checkpoints.claim(STREAM, SHARD).epoch for _ in range(2))
    with pytest.raises(ShardLostError, match="another stream has taken over `flight-events`"):
        checkpoints.commit(FIRST, early)
    checkpoints.commit(FIRST, late)
    assert checkpoints.claim(STREAM, SHARD).after == ResumeAfter(FIRST.last)


def test_a_commit_from_elsewhere_fails(checkpoints: Checkpoints) -> None:
    """A range that does not start where the shard stands is never committed."""
    epoch = checkpoints.claim(STREAM, SHARD).epoch
    with pytest.raises(ShardLostError):
        checkpoints.commit(SECOND, epoch)


def test_a_stream_begins_once(checkpoints: Checkpoints) -> None:
    """Whoever comes later is told where; a shard stands there until something of it is committed."""
    start = Start("LATEST", 1767225600123)
    assert checkpoints.begin(STREAM, start) == start
    assert checkpoints.begin(STREAM, Start()) == start
    claim = checkpoints.claim(STREAM, SHARD, start)
    assert claim.after == ResumeAfter(since=start.since)
    checkpoints.commit(ShardRange(STREAM, SHARD, claim.after, FIRST.last), claim.epoch)
    assert checkpoints.claim(STREAM, SHARD, start).after == ResumeAfter(FIRST.last)


def test_a_shard_without_a_record_is_drained_where_it_began(checkpoints: Checkpoints) -> None:
    """All that it held lay before the stream's start."""
    start = Start("AT_TIMESTAMP", 1767225600123)
    claim = checkpoints.claim(STREAM, SHARD, start)
    checkpoints.drain(STREAM, SHARD, claim)
    assert checkpoints.claim(STREAM, SHARD, start) == Claim(start.position, claim.epoch + 1, is_drained=True)


def test_a_stream_made_anew_starts_from_its_start(checkpoints: Checkpoints) -> None:
    """Its name is the same, its creation is not."""
    epoch = checkpoints.claim(STREAM, SHARD).epoch
    checkpoints.commit(FIRST, epoch)
    assert checkpoints.claim(StreamIdentity(STREAM.arn, 2), SHARD) == Claim(ResumeAfter(), 1)


def test_a_drained_shard_stays_drained(checkpoints: Checkpoints) -> None:
    """Whoever claims it next is told so; an earlier owner, or one that stands elsewhere, cannot drain it."""
    early, late = (checkpoints.claim(STREAM, SHARD) for _ in range(2))
    checkpoints.commit(FIRST, late.epoch)
    end = replace(late, after=ResumeAfter(FIRST.last))
    for wrong in (late, replace(end, epoch=early.epoch)):
        with pytest.raises(ShardLostError):
            checkpoints.drain(STREAM, SHARD, wrong)
    assert not checkpoints.claim(STREAM, SHARD).is_drained
    checkpoints.drain(STREAM, SHARD, replace(end, epoch=late.epoch + 1))
    assert checkpoints.claim(STREAM, SHARD) == Claim(end.after, late.epoch + 2, is_drained=True)


def test_a_shard_that_never_had_a_record_can_be_drained(checkpoints: Checkpoints) -> None:
    """It was split before anything came."""
    checkpoints.drain(STREAM, SHARD, checkpoints.claim(STREAM, SHARD))
    assert checkpoints.claim(STREAM, SHARD).is_drained
