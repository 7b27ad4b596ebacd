"""Sequence numbers: 56 digits that rise within a shard, and from a parent to its children.

AWS documents that they are unique, rise over time within a shard, and nothing of their digits
(https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html). Ours hold, from the highest bit: a 2 (so
that they begin with 49, as AWS's do), the shard's creation in milliseconds (48 bits), 36 zero bits, the
record's place in the shard (64 bits), the shard's index (32 bits), and a 2.
A child is created after its parent, hence its numbers are larger than all of the parent's.
"""

_LEADING = 2 << 184
_CREATED_SHIFT = 136
_PLACE_SHIFT = 36
_INDEX_SHIFT = 4
_VERSION = 2
_LAST_PLACE = 2**63 - 1
STEP = 1 << _PLACE_SHIFT
"""From one record of a shard to the next."""


def starting(created_millis: int, index: int) -> int:
    """Return a shard's StartingSequenceNumber; the record at position p is `starting + (p + 1 << 36)`.

    >>> len(str(starting(1_700_000_000_000, 0)))
    56
    """
    return _LEADING | created_millis << _CREATED_SHIFT | index << _INDEX_SHIFT | _VERSION


def at(start: int, position: int) -> int:
    """Return the number of the record at `position`, counted from 0.

    >>> start = starting(1_700_000_000_000, 3)
    >>> position_of(start, at(start, 7))
    7
    """
    return start + (position + 1 << _PLACE_SHIFT)


def ending(start: int) -> int:
    """Return the EndingSequenceNumber of a closed shard: larger than all of its records'."""
    return start + (_LAST_PLACE << _PLACE_SHIFT)


def position_of(start: int, number: int) -> int | None:
    """Return the position that `number` names, -1 for the shard's start; None where it is no number of it."""
    place, rest = divmod(number - start, 1 << _PLACE_SHIFT)
    if rest or not 0 <= place <= _LAST_PLACE:
        return None
    return place - 1
