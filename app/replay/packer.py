"""Many events in one record: those of one shard together, so that a key's events stay there and in order."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import md5

from app.replay.faults import Outgoing
from app.replay.sender import Kinesis
from contracts.batches import Packing, pack

MOST_EVENTS = 500
"""Of one record; half as many are a third larger a piece, twice as many hardly smaller."""


class Packer:
    """Packs the events of one stream.

    **Order**: a shard's events keep theirs. **On failure**: shards that were split since are looked up by
    `look_again`; what was packed before goes to the child that holds its first hash key.

    Attributes:
        shards: That were there at the last look.
    """

    def __init__(self, kinesis: Kinesis, stream: str, packing: Packing) -> None:
        """Look up the stream's shards."""
        self._kinesis = kinesis
        self._stream = stream
        self._packing = packing
        self._starts: list[int] = []
        self.shards: set[str] = set()
        self.look_again()

    def look_again(self) -> None:
        """Look up the open shards' hash keys."""
        listed = self._kinesis.list_shards(StreamName=self._stream)["Shards"]
        open_shards = [each for each in listed if "EndingSequenceNumber" not in each["SequenceNumberRange"]]
        self._starts = sorted(int(each["HashKeyRange"]["StartingHashKey"]) for each in open_shards)
        self.shards = {each["ShardId"] for each in listed}

    def pack(self, events: Sequence[Outgoing]) -> Iterator[Outgoing]:
        """Yield records of `MOST_EVENTS` events at most."""
        by_shard: dict[int, list[Outgoing]] = {}
        for event in events:
            hash_key = int.from_bytes(md5(event.partition_key.encode(), usedforsecurity=False).digest())
            by_shard.setdefault(self._starts[bisect_right(self._starts, hash_key) - 1], []).append(event)
        for start, members in sorted(by_shard.items()):
            for first in range(0, len(members), MOST_EVENTS):
                yield self._record(start, members[first : first + MOST_EVENTS])

    def _record(self, start: int, members: Sequence[Outgoing]) -> Outgoing:
        data = pack([each.data for each in members], self._packing, [each.partition_key for each in members])
        return replace(members[0], data=data, explicit_hash_key=str(start), events=len(members))
