"""Rows of a file as texts: what the readers of formats give, and what conversion takes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from warehouse.redshift.copy.failures import LONGEST_RAW, Failure


@dataclass(frozen=True, slots=True)
class Records:
    """Some rows of a file.

    Attributes:
        columns: The fields, as bytes or texts, NULL where the file says so: an array for each column.
        lines: The number of each row's first line, from 1.
        raw: Gives a row's bytes in the file, by its place in `columns`.
        failures: Rows that could not be split into fields; they are not in `columns`.
    """

    columns: list[pa.Array]
    lines: Sequence[int]
    raw: Callable[[int], bytes]
    failures: list[Failure] = field(default_factory=list)


def as_text(raw: bytes) -> str:
    """Return what STL_LOAD_ERRORS keeps of a line or a value."""
    return raw[: 4 * LONGEST_RAW].decode(errors="replace")[:LONGEST_RAW]
