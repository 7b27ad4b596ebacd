"""The file of events, a line each: what every peer reads, in whatever Python it runs."""

from itertools import islice
from pathlib import Path

WARM = 1_000
"""Events that go through a stage before it is measured: what is loaded at first use is no cost of theirs."""


def read_events(path: Path, count: int, first: int = 0) -> list[bytes]:
    """Return so many events of a file, from the `first` on.

    Raises:
        ValueError: The file has fewer.
    """
    with path.open("rb") as file:
        found = [line[:-1] for line in islice(file, first, first + count)]
    if len(found) < count:
        msg = f"`count` must be at most {len(found)}, which `{path}` holds from {first} on; got `{count}`"
        raise ValueError(msg)
    return found
