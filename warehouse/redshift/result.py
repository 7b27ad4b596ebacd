"""What a statement gave."""

from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a result.

    Attributes:
        name: As the client is told it.
        type: As Redshift's catalogue calls it, such as `int4`.
        precision: Digits of a NUMERIC, bytes of a text whose length is known; else 0.
        scale: Digits of a NUMERIC after the point; else 0.
    """

    name: str
    type: str
    precision: int = 0
    scale: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """What one statement gave.

    Attributes:
        tag: The words that PostgreSQL's protocol ends a statement with, such as `INSERT 0`.
        columns: Of its rows; None for a statement without a result.
        table: Its rows, in Arrow's types; None without a result.
        affected: Rows that it wrote or gave.
        nanos: How long it ran.
    """

    tag: str
    columns: tuple[Column, ...] | None = None
    table: pa.Table | None = None
    affected: int = 0
    nanos: int = 0

    @property
    def count(self) -> int:
        """How many rows it has; 0 without a result."""
        return self.table.num_rows if self.table is not None else 0

    def part(self, start: int, count: int) -> list[tuple[Any, ...]]:
        """Return some of its rows, from a place on."""
        return replace(self, table=self.table and self.table.slice(start, count)).rows

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """Its rows as Python has them; empty without a result."""
        if self.table is None:
            return []
        if not self.table.num_columns:
            return [()] * self.table.num_rows
        return list(zip(*(column.to_pylist() for column in self.table.columns), strict=True))
