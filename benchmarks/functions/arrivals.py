"""What a function wrote down, held against what was put."""

import base64
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

type Pair = tuple[str, bytes]
"""Partition key and data."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One invocation's records.

    Attributes:
        ended: Seconds since 1970.
        environment: That it ran in.
        pairs: In their order.
    """

    ended: float
    environment: str
    pairs: Sequence[Pair]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Batches in the order in which they were written down."""

    batches: Sequence[Batch]

    @classmethod
    def read(cls, path: Path) -> "Arrivals":
        """Read what is there; a batch that is half written is none."""
        text = path.read_text(encoding="ascii") if path.exists() else ""
        return cls(list(_batches(text.split("\n"))))

    @property
    def records(self) -> int:
        """How many came, again or not."""
        return sum(len(each.pairs) for each in self.batches)

    @property
    def environments(self) -> int:
        """How many environments took part."""
        return len({each.environment for each in self.batches})

    def differences(self, put: Iterable[Pair]) -> str:
        """Return what is not as it was put, in words; nothing where each key's records came in their order.

        What did not come yet is no difference, unless a later one of its key did.
        """
        wanted, got = _by_key(put), _by_key(pair for each in self.batches for pair in each.pairs)
        if all(wanted[key][: len(data)] == data for key, data in got.items()):
            return ""
        missing = twice = strange = 0
        for key, data in got.items():
            missing += len(set(wanted[key][: len(data)]) - set(data))
            twice += len(data) - len(set(data))
            strange += len(set(data) - set(wanted[key]))
        if missing or twice or strange:
            return f"{missing:,} records were passed over, {twice:,} came again, {strange:,} were never put"
        return "a key's records came out of their order"


def written_bytes(pair: Pair) -> int:
    """Return how much the function writes down for a record."""
    key, data = pair
    return len(key) + 4 * math.ceil(len(data) / 3) + len(" \n")


def _batches(lines: Sequence[str]) -> Iterable[Batch]:
    at = 0
    while at < len(lines) and lines[at].startswith("@ "):
        _, ended, environment, records = lines[at].split()
        end = at + 1 + int(records)
        if end >= len(lines):  # a line's end is the beginning of the next
            return
        pairs = [line.split(" ") for line in lines[at + 1 : end]]
        yield Batch(float(ended), environment, [(key, base64.b64decode(data)) for key, data in pairs])
        at = end


def _by_key(pairs: Iterable[Pair]) -> defaultdict[str, list[bytes]]:
    found: defaultdict[str, list[bytes]] = defaultdict(list)
    for key, data in pairs:
        found[key].append(data)
    return found
