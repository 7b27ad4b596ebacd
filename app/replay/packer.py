"""Many events in one record: those of one shard together, so that a key's events stay there and in order."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from app.replay.faults import Outgoing
from app.replay.sender import REFUSALS, Kinesis, RecordTooLargeError, passes
from contracts.batches import MOST_RECORD_BYTES, BatchTooLargeError, Packing, begins_batch, pack
from contracts.positions import hash_key

MOST_EVENTS = 500
"""Of one record; half as many are a third larger a piece, twice as many hardly smaller."""


class Packer:
    """Packs the events of one stream.

    **Order**: a shard's events keep theirs. **On failure**: shards that were split since are looked up by
    `follow`; what was packed before goes to the child that holds its first hash key.

    Attributes:
        shards: That were there at the last look.
    """

    def __init__(
        self, kinesis: Kinesis, stream: str, packing: Packing, most_events: int = MOST_EVENTS
    ) -> None:
        """Look up the stream's shards; a record holds `most_events` at most."""
        self._kinesis = kinesis
        self._stream = stream
        self._packing = packing
        self._most = most_events
        self._starts: list[int] = []
        self.shards: set[str] = set()
        self.look_again()

    def look_again(self) -> None:
        """Look up the open shards' hash keys."""
        pages = self._kinesis.get_paginator("list_shards").paginate(StreamName=self._stream)
        listed = [shard for page in pages for shard in page["Shards"]]
        open_shards = [each for each in listed if "EndingSequenceNumber" not in each["SequenceNumberRange"]]
        self._starts = sorted(int(each["HashKeyRange"]["StartingHashKey"]) for each in open_shards)
        self.shards = {each["ShardId"] for each in listed}

    def follow(self, seen: AbstractSet[str]) -> None:
        """Look again where records went to a shard that was not there at the last look.

        A refusal that passes is let pass: the next records' answers ask for the same.
        """
        if seen <= self.shards:
            return
        try:
            self.look_again()
        except REFUSALS as error:
            if not passes(error):
                raise

    def pack(self, events: Sequence[Outgoing]) -> Iterator[Outgoing]:
        """Yield records, each as large as the limits allow.

        What begins as a batch stays a record of its own, for in a batch nobody would take it for one.

        Raises:
            RecordTooLargeError: An event is larger than Kinesis takes, packed alone.
        """
        by_shard: dict[int, list[Outgoing]] = {}
        for event in events:
            place = bisect_right(self._starts, hash_key(event.partition_key))
            by_shard.setdefault(self._starts[place - 1], []).append(event)
        for start, members in sorted(by_shard.items()):
            together: list[Outgoing] = []
            for event in members:
                is_alone = begins_batch(event.data)
                if together and (is_alone or len(together) == self._most):
                    yield from self._records(start, together)
                    together = []
                if is_alone:
                    yield replace(event, explicit_hash_key=str(start))
                else:
                    together.append(event)
            if together:
                yield from self._records(start, together)

    def _records(self, start: int, members: Sequence[Outgoing]) -> Iterator[Outgoing]:
        """Yield one record, or several where one would be too large."""
        first, key_bytes = members[0], len(members[0].partition_key.encode())
        keys = [each.partition_key for each in members]
        try:
            data = pack([each.data for each in members], self._packing, keys, MOST_RECORD_BYTES - key_bytes)
        except BatchTooLargeError as error:
            if len(members) == 1:
                raise RecordTooLargeError(first.event_id, error.size + key_bytes) from None
            middle = len(members) // 2
            yield from self._records(start, members[:middle])
            yield from self._records(start, members[middle:])
        else:
            yield replace(first, data=data, explicit_hash_key=str(start), events=len(members))
