"""One suite for both tables of checkpoints: DynamoDB and its twin in memory fence in the same way."""

from typing import TYPE_CHECKING

import pytest

from app.commands.bootstrap import prepare
from contracts.positions import ResumeAfter, ShardRange, StreamIdentity
from pipelines.driver.checkpoints import Checkpoints, DynamoCheckpoints, MemoryCheckpoints, ShardLostError

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
    after, epoch = checkpoints.claim(STREAM, SHARD)
    assert after == ResumeAfter()
    checkpoints.commit(FIRST, epoch)
    checkpoints.commit(SECOND, epoch)
    assert checkpoints.claim(STREAM, SHARD) == (ResumeAfter(SECOND.last), epoch + 1)


def test_an_earlier_owner_is_fenced_off(checkpoints: Checkpoints) -> None:
    """Its commit fails and changes nothing; the later owner's takes effect."""
    _, early = checkpoints.claim(STREAM, SHARD)
    _, late = checkpoints.claim(STREAM, SHARD)
    with pytest.raises(ShardLostError, match="another stream has taken over `flight-events`"):
        checkpoints.commit(FIRST, early)
    checkpoints.commit(FIRST, late)
    assert checkpoints.claim(STREAM, SHARD)[0] == ResumeAfter(FIRST.last)


def test_a_commit_from_elsewhere_fails(checkpoints: Checkpoints) -> None:
    """A range that does not start where the shard stands is never committed."""
    _, epoch = checkpoints.claim(STREAM, SHARD)
    with pytest.raises(ShardLostError):
        checkpoints.commit(SECOND, epoch)


def test_a_stream_made_anew_starts_from_its_start(checkpoints: Checkpoints) -> None:
    """Its name is the same, its creation is not."""
    _, epoch = checkpoints.claim(STREAM, SHARD)
    checkpoints.commit(FIRST, epoch)
    assert checkpoints.claim(StreamIdentity(STREAM.arn, 2), SHARD) == (ResumeAfter(), 1)
