"""UNLOAD: the rows of a query into files in S3.

**Parallelism**: the query runs by all threads; files are written one after the other.
**Delivery**: each file is whole, or is not there; those that were put before a failure stay, as on AWS.
**Order**: that of the query, in each file and from file to file.
**On failure**: `RedshiftError`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import duckdb
import pyarrow as pa
from pyarrow import compute

from warehouse.redshift.dialect.unload_statement import UnloadStatement
from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.unload import names as file_names
from warehouse.redshift.unload.destination import Destination
from warehouse.redshift.unload.manifest import manifest_of
from warehouse.redshift.unload.parts import Part, UnloadedFile, pieces
from warehouse.redshift.unload.rendering import ROWS, header, lines, text

_BATCH_ROWS = 122_880
_BETWEEN = "\0"
"""Between the values of a partition's columns, where they are one text: no text has it."""

_PLAIN = frozenset(
    {
        "TINYINT",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "HUGEINT",
        "DECIMAL",
        "FLOAT",
        "DOUBLE",
        "BOOLEAN",
        "JSON",
        "VARCHAR",
    }
    | {"DATE", "TIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"}
)


def unload(  # noqa: PLR0913, PLR0917  # a query, where it runs, and where its rows go
    session: duckdb.DuckDBPyConnection,
    statement: UnloadStatement,
    sql: str,
    parameters: Mapping[str, Any] | None,
    s3: Any,
    check: Callable[[], None],
) -> list[UnloadedFile]:
    """Write the rows of a query to S3, and return the files.

    Args:
        session: With the transaction.
        statement: What is asked for.
        sql: The query, in DuckDB's dialect.
        parameters: Of the query.
        s3: A client.
        check: Called between two batches; it raises where the statement is cancelled.

    Raises:
        NotSupportedError: A column is of a type that has no text.
        RedshiftError: The destination is not empty or cannot be written, or a partition's column is none.
        duckdb.Error: The query fails.
    """
    destination = Destination(s3, statement)
    query = session.sql(sql, params=parameters)
    columns, kinds = list(query.columns), [str(kind) for kind in query.types]
    # The reader holds the session; what is made of its batches is made apart.
    with session.cursor() as apart, closing(_Unload(statement, destination, columns, kinds, apart)) as work:
        for batch in query.to_arrow_reader(_BATCH_ROWS):
            check()
            work.write(batch)
        files = work.end()
    if statement.manifest:
        destination.put_manifest(manifest_of(statement, files, columns, kinds))
    return files


class _Unload:
    def __init__(
        self,
        statement: UnloadStatement,
        destination: Destination,
        columns: Sequence[str],
        kinds: Sequence[str],
        apart: duckdb.DuckDBPyConnection,
    ) -> None:
        self._statement = statement
        self._destination = destination
        self._kinds = kinds
        self._columns = columns
        self._apart = apart
        self._partitions = _partitions(statement, columns)
        self._kept = [
            place
            for place in range(len(columns))
            if statement.is_partition_kept or place not in self._partitions
        ]
        if not self._kept:
            msg = "all columns of the query are in PARTITION BY; with INCLUDE they are in the files, too"
            raise RedshiftError(msg)
        if unknown := [kind for kind in kinds if kind.partition("(")[0] not in _PLAIN]:
            feature = f"UNLOAD of type {unknown[0]}"
            raise NotSupportedError(feature)
        self._open: dict[str, Part] = {}
        self._numbers: dict[str, int] = {}
        self._files: list[UnloadedFile] = []
        self._header = self._make_header()

    def write(self, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch to the parts that they belong to."""
        if not batch.num_rows:
            return
        table = pa.Table.from_batches([batch]).rename_columns(
            [f"c{place}" for place in range(len(self._columns))]
        )
        for folder, rows in self._split(table):
            if self._statement.file_format == "parquet":
                self._write_table(folder, rows)
            else:
                self._write_lines(folder, rows)

    def end(self) -> list[UnloadedFile]:
        """Put the parts that are open, and return all files; a query without rows gives one without rows."""
        if not self._files and not self._open and not self._partitions:
            part = self._part("")
            if self._statement.file_format == "parquet":
                empty = self._apart.sql(self._empty()).to_arrow_table()
                part.write_table(empty)
        for folder in list(self._open):
            self._put(folder)
        return self._files

    def close(self) -> None:
        """Let go of parts that are not put: something failed."""
        for part in self._open.values():
            part.close()

    def _empty(self) -> str:
        columns = ", ".join(
            f"cast(null as {self._kinds[place]}) as {_quoted(self._columns[place])}" for place in self._kept
        )
        return f"select {columns} limit 0"

    def _split(self, table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
        if not self._partitions:
            yield "", table
            return
        values = [text(f"c{place}", self._kinds[place]) for place in self._partitions]
        keys = " || chr(0) || ".join(f"coalesce({value}, '')" for value in values)
        folders = self._query(f"select {keys}", table).combine_chunks().dictionary_encode()
        columns = [self._columns[place] for place in self._partitions]
        for number, key in enumerate(folders.dictionary.to_pylist()):
            rows = table.filter(compute.equal(folders.indices, number))
            yield file_names.folder(columns, key.split(_BETWEEN)), rows

    def _write_lines(self, folder: str, rows: pa.Table) -> None:
        line = lines(self._kinds, self._kept, self._columns, self._statement)
        for data, count in pieces(self._query(f"select {line}", rows)):
            part = self._part(folder)
            if part.rows and part.size_bytes + data.size > self._statement.most_bytes:
                self._put(folder)
                part = self._part(folder)
            part.write_lines(data, count)

    def _write_table(self, folder: str, rows: pa.Table) -> None:
        names = [self._columns[place] for place in self._kept]
        table = pa.table([_plain(rows.column(place)) for place in self._kept], names=names)
        part = self._part(folder)
        if part.rows and part.size_bytes + table.nbytes > self._statement.most_bytes:
            self._put(folder)
            part = self._part(folder)
        part.write_table(table)

    def _query(self, select: str, rows: pa.Table) -> Any:
        self._apart.register(ROWS, rows)
        found = self._apart.sql(f'{select} as line from "{ROWS}"').to_arrow_table().column(0)
        self._apart.unregister(ROWS)
        return found

    def _part(self, folder: str) -> Part:
        if folder not in self._open:
            part = self._open[folder] = Part(self._statement)
            if self._header:
                part.write_lines(self._header, 0)
        return self._open[folder]

    def _put(self, folder: str) -> None:
        number = self._numbers.get(folder, 0)
        if not number:
            self._destination.clean(folder)
        self._numbers[folder] = number + 1
        url = file_names.part(self._statement, folder, number)
        self._files.append(self._open[folder].put(url, self._destination.put))
        del self._open[folder]

    def _make_header(self) -> bytes:
        if not self._statement.is_header:
            return b""
        names = [self._columns[place] for place in self._kept]
        ((line,),) = self._apart.execute(f"select {header(names, self._statement)}").fetchall()
        return str(line).encode()


def _partitions(statement: UnloadStatement, columns: Sequence[str]) -> list[int]:
    if unknown := [name for name in statement.partition_by if name not in columns]:
        msg = f'column "{unknown[0]}" of PARTITION BY does not exist in the query'
        raise RedshiftError(msg)
    return [columns.index(name) for name in statement.partition_by]


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of Parquet's own types: a SUPER is the text of its JSON."""
    return column.cast(pa.string()) if isinstance(column.type, pa.BaseExtensionType) else column


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
