"""Records that were read ahead, by the range they are planned in: a shortcut and no more.

A run that does not find its range here, in another process or after a restart, reads Kinesis again.
"""

from contracts.positions import ShardRange
from pipelines.kinesis.source import Records

_ranges: dict[ShardRange, Records] = {}


def keep(shard_range: ShardRange, records: Records) -> None:
    """Keep the records of a planned range until it is forgotten."""
    _ranges[shard_range] = records


def cached(shard_range: ShardRange) -> Records | None:
    """Return the records of a range, or None where they are not kept."""
    return _ranges.get(shard_range)


def forget(shard_range: ShardRange) -> None:
    """Let go of a range's records; nothing happens where they are not kept."""
    _ranges.pop(shard_range, None)
