"""Files of Parquet, a row group at a time, as the table's columns take them.

AWS, "COPY from columnar data formats": fields go to columns by position; one that is wrong fails all.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from warehouse.redshift.copy.columns import Column
from warehouse.redshift.errors import LoadError

_BATCH_ROWS = 122_880
"""As many as DuckDB has in a row group."""

_FAMILIES: tuple[tuple[str, Callable[[pa.DataType], bool], frozenset[str]], ...] = (
    ("integer", pa.types.is_integer, frozenset({"SMALLINT", "INTEGER", "BIGINT"})),
    ("floating point", pa.types.is_floating, frozenset({"FLOAT", "DOUBLE"})),
    ("numeric", pa.types.is_decimal, frozenset({"DECIMAL"})),
    (
        "text",
        lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind),
        frozenset({"CHAR", "VARCHAR"}),
    ),
    ("timestamp", pa.types.is_timestamp, frozenset({"TIMESTAMP", "TIMESTAMP WITH TIME ZONE"})),
    ("date", pa.types.is_date, frozenset({"DATE"})),
    ("time", pa.types.is_time, frozenset({"TIME"})),
    ("boolean", pa.types.is_boolean, frozenset({"BOOLEAN"})),
)


class ParquetRows:
    """The rows of a file, which are read as they are asked for.

    Attributes:
        url: Of the file.
        schema: Of its batches, with the table's names.
        count: How many rows they are.
    """

    def __init__(self, url: str, data: bytes, columns: Sequence[Column], *, is_filled: bool) -> None:
        """Open a file of these bytes.

        Args:
            url: Of the file.
            data: All of its bytes.
            columns: That it is to fill, in the order of its own.
            is_filled: Whether columns may be missing at the end.

        Raises:
            LoadError: It is no Parquet, or its columns are not those that are to be filled.
        """
        try:
            self._file = parquet.ParquetFile(pa.BufferReader(data))
            found = self._file.schema_arrow
        except (pa.ArrowException, OSError) as error:
            reason = f"is no Parquet file: {error}"
            raise LoadError(url, reason) from None
        is_short = is_filled and len(found) < len(columns)
        if len(found) != len(columns) and not is_short:
            reason = f"has {len(found)} columns, and the table takes {len(columns)}"
            raise LoadError(url, reason)
        self.url = url
        self._names = found.names
        self.schema = pa.schema(
            [_field(url, field, column) for field, column in zip(found, columns, strict=False)]
        )
        self.count: int = self._file.metadata.num_rows

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Read.

        Raises:
            LoadError: It is damaged, or a value is none of what its column can hold.
        """
        reason = "cannot be read"
        try:
            for batch in self._file.iter_batches(_BATCH_ROWS):
                arrays = []
                for name, array, wanted in zip(self._names, batch.columns, self.schema.types, strict=True):
                    reason = f"column `{name}`"
                    arrays.append(array if array.type == wanted else array.cast(wanted))
                reason = "cannot be read"
                yield pa.record_batch(arrays, schema=self.schema)
        except (pa.ArrowException, OSError) as error:
            reason = f"{reason}: {error}"
            raise LoadError(self.url, reason) from None


def _field(url: str, field: Any, column: Column) -> Any:
    """Check a column of a file against the table's, and give its times as plain UTC."""
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    family = next((label for label, _, kinds in _FAMILIES if column.kind in kinds), column.kind)
    found = next((label for label, is_it, _ in _FAMILIES if is_it(kind)), str(kind))
    if family != found and (family, found) != ("floating point", "integer"):
        reason = f"column `{field.name}` is of type {found}, and `{column.name}` of the table is {family}"
        raise LoadError(url, reason)
    return pa.field(column.name, pa.timestamp("us") if found == "timestamp" else kind)
