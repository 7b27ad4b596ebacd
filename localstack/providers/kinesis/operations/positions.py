"""Where a read begins: the five starting positions that GetShardIterator and SubscribeToShard share."""

from dataclasses import dataclass

from localstack.providers.kinesis import sequence
from localstack.providers.kinesis.errors import invalid
from localstack.providers.kinesis.shard import Shard
from localstack.providers.kinesis.stream import Stream


@dataclass(frozen=True, slots=True)
class Start:
    """What a caller says of it.

    Attributes:
        kind: TRIM_HORIZON, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER.
        number: A sequence number, for the last two.
        timestamp: Seconds since 1970, for AT_TIMESTAMP.
    """

    kind: str
    number: str | None
    timestamp: float | None


def starting_position(stream: Stream, shard: Shard, start: Start, now_millis: int) -> int:
    """Return the position in the shard's log where a read of that kind begins.

    Raises:
        KinesisError: InvalidArgumentException, a sequence number that is not the shard's, or a time to come.
    """
    if start.kind == "TRIM_HORIZON":
        return 0
    if start.kind == "LATEST":
        return shard.log.end
    if start.kind == "AT_TIMESTAMP":
        if start.timestamp is None:
            raise invalid("Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP.")
        millis = int(start.timestamp * 1000)
        if millis > now_millis:
            raise invalid(
                "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
                f"timestampInMillis: {millis}, currentTimestampInMillis: {now_millis}"
            )
        return shard.log.since(millis)
    if start.number is None:
        raise invalid(f"Must specify startingSequenceNumber parameter for iterator of type {start.kind}.")
    position = sequence.position_of(shard.start, int(start.number))
    is_ending = int(start.number) == sequence.ending(shard.start) and not shard.is_open
    if position is None or (position >= shard.log.end and not is_ending):
        me = stream.identity
        raise invalid(
            f"StartingSequenceNumber {start.number} used on shard {shard.id} in stream "
            f"{me.name} under account {me.account} is invalid because it did not come from this stream."
        )
    if is_ending:
        return shard.log.end
    return max(0, position + (start.kind == "AFTER_SEQUENCE_NUMBER"))
