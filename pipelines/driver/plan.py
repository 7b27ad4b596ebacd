"""The plan of a range: what a run is to read, written before any work.

A position has one plan, whoever writes it: who comes second reads that plan and adopts it. So a range is cut
once, and what a run writes under the range's names is the same whoever runs it.
"""

from dataclasses import dataclass
from datetime import datetime

import orjson

from contracts.lake import plan_key
from contracts.positions import HASH_KEYS, ResumeAfter, ShardRange, StreamIdentity
from runtime.objects import Objects


@dataclass(frozen=True, slots=True)
class RangePlan:
    """One range and all about it that depends on a clock.

    Attributes:
        shard_range: What is to be read.
        count: How many records the range holds; a run that finds another number fails.
        planned_at: When it was cut, UTC.
        parents: Of a child's first range, the parents whose state it begins with: each one's identifier, and
            the last sequence number that was committed of it.
        hash_keys: The shard's.
    """

    shard_range: ShardRange
    count: int
    planned_at: datetime
    parents: tuple[tuple[str, int], ...] = ()
    hash_keys: range = HASH_KEYS

    def to_json(self) -> str:
        """Write the plan; the same plan is always the same text, so that it can be a key in a pipeline."""
        stream = self.shard_range.stream
        fields = {
            "stream_arn": stream.arn,
            "stream_created_millis": stream.created_millis,
            "shard_id": self.shard_range.shard_id,
            "after": self.shard_range.after.to_word(),
            "last": str(self.shard_range.last),
            "count": self.count,
            "planned_at": self.planned_at,
            "parents": [[shard_id, str(last)] for shard_id, last in self.parents],
            "hash_keys": [str(self.hash_keys.start), str(self.hash_keys.stop)],
        }
        return orjson.dumps(fields, option=orjson.OPT_UTC_Z).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> "RangePlan":
        """Read what `to_json` wrote."""
        fields = orjson.loads(text)
        return cls(
            ShardRange(
                StreamIdentity(fields["stream_arn"], fields["stream_created_millis"]),
                fields["shard_id"],
                ResumeAfter.from_word(fields["after"]),
                int(fields["last"]),
            ),
            fields["count"],
            datetime.fromisoformat(fields["planned_at"]),
            tuple((shard_id, int(last)) for shard_id, last in fields["parents"]),
            range(*map(int, fields["hash_keys"])),
        )


def write_or_adopt(objects: Objects, plan: RangePlan) -> RangePlan:
    """Write a plan unless its position has one already; return the one that holds."""
    shard_range = plan.shard_range
    key = plan_key(shard_range.stream, shard_range.shard_id, shard_range.after)
    if objects.put_new(key, plan.to_json().encode()):
        return plan
    return RangePlan.from_json(objects.get(key))
