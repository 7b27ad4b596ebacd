"""The source's rows and the warehouse's, compared cell by cell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from runtime.warehouse import Rows

RELATIVE_TOLERANCE = 1e-9
"""Two floats are equal within this: shares and means are quotients of the same integers."""

ROWS = "(rows)"
"""Stands for a column where the number of a key's rows is what differs."""

type Cells = dict[str, Any]
type Keyed = dict[tuple[str, ...], list[Cells]]


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell that is not as the source says, or one key that has more or fewer rows.

    Attributes:
        table: Where.
        key: The row's key, as text.
        column: The cell's column, or `ROWS`: then `expected` and `actual` are counts.
        expected: What the source says, as text; `null` where it says nothing.
        actual: What the warehouse holds.
    """

    table: str
    key: tuple[str, ...]
    column: str
    expected: str
    actual: str


@dataclass(frozen=True, slots=True)
class TableCheck:
    """One table's comparison.

    Attributes:
        table: Its name.
        expected_rows: How many rows the source has for it.
        actual_rows: How many the warehouse holds.
        cells: How many cells were compared.
        differences: In the order of their keys.
    """

    table: str
    expected_rows: int
    actual_rows: int
    cells: int
    differences: tuple[Difference, ...]


def by_key(key: Sequence[str], rows: Rows) -> Keyed:
    """Return rows by their key: every row of a key, since primary keys are not enforced."""
    keyed: Keyed = {}
    for row in rows.rows:
        cells = dict(zip(rows.columns, row, strict=True))
        keyed.setdefault(tuple(_shown(cells[name]) for name in key), []).append(cells)
    return keyed


def compare(
    table: str, wanted: Keyed, found: Keyed, tolerances: Mapping[str, float] = MappingProxyType({})
) -> TableCheck:
    """Compare what the source says with what the warehouse holds.

    A row that is missing, of no key of the source, or there more than once is a difference. So is null where
    the source has 0, and 0 where it has null.

    Args:
        table: Its name.
        wanted: What the source says.
        found: What the warehouse holds.
        tolerances: Relative errors by columns of floats; of all others `RELATIVE_TOLERANCE`.
    """
    cells = 0
    differences = []
    for key in sorted(wanted.keys() | found.keys()):
        targets, rows = wanted.get(key, []), found.get(key, [])
        if len(targets) != len(rows):
            differences.append(Difference(table, key, ROWS, str(len(targets)), str(len(rows))))
        for target in targets[:1]:
            for row in rows:
                cells += len(target)
                differences.extend(_unequal_cells(table, key, target, row, tolerances))
    return TableCheck(table, _count(wanted), _count(found), cells, tuple(differences))


def _unequal_cells(
    table: str, key: tuple[str, ...], target: Cells, row: Cells, tolerances: Mapping[str, float]
) -> Iterable[Difference]:
    for column, value in target.items():
        if not _is_equal(value, row[column], tolerances.get(column, RELATIVE_TOLERANCE)):
            yield Difference(table, key, column, _shown(value), _shown(row[column]))


def _count(keyed: Keyed) -> int:
    return sum(map(len, keyed.values()))


def _shown(value: Any) -> str:
    return "null" if value is None else str(value)


def _is_equal(wanted: Any, found: Any, tolerance: float) -> bool:
    if isinstance(wanted, float) and isinstance(found, (int, float)):
        return abs(found - wanted) <= tolerance * abs(wanted)
    return bool(wanted == found)
