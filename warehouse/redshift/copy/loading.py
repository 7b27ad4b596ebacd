"""COPY: the rows of files into a table, in the transaction that runs.

**Parallelism**: files are fetched ahead, blocks and row groups are loaded one after the other by all threads.
**Delivery**: all or nothing, with the transaction; rows that are wrong are left out up to MAXERROR.
**Order**: that of the files, and of the rows in them.
**On failure**: `LoadError`, with the rows that are wrong.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import duckdb
import pyarrow as pa

from warehouse.redshift.copy.blocks import read_blocks
from warehouse.redshift.copy.columns import Column, filled_columns
from warehouse.redshift.copy.conversion import Converter
from warehouse.redshift.copy.failures import Failure, Failures, TooManyFailures
from warehouse.redshift.copy.files import Files
from warehouse.redshift.copy.json_paths import Extractor, by_name, by_name_in_any_case, read_paths
from warehouse.redshift.copy.json_records import Field, read_json
from warehouse.redshift.copy.parquet import ParquetRows
from warehouse.redshift.copy.records import Records
from warehouse.redshift.copy.text import read_text
from warehouse.redshift.dialect.copy_statement import CopyStatement
from warehouse.redshift.errors import LoadError, RedshiftError
from warehouse.redshift.reasons import as_redshift

_ROWS = "rows of a copy"
"""What the rows of a file are called inside DuckDB: no table of a user's has such a name."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a COPY did.

    Attributes:
        rows: That are in the table, or would be but for NOLOAD.
        failures: Rows that were left out.
    """

    rows: int
    failures: Failures


def copy_rows(
    session: duckdb.DuckDBPyConnection, copy: CopyStatement, files: Files, check: Callable[[], None]
) -> Loaded:
    """Insert the rows of all files.

    Args:
        session: With the transaction.
        copy: What is asked for.
        files: Its files.
        check: Called between two blocks; it raises where the statement is cancelled.

    Raises:
        LoadError: A file is missing or cannot be read, or too many rows are wrong.
        NotSupportedError: A column is of a type that no text fills, or a format is not supported.
        RedshiftError: There is no such table or column.
    """
    columns = filled_columns(session, copy)
    load = _Load(session, copy, columns, check)
    rows = load.parquet(files) if copy.file_format == "parquet" else load.text(files)
    return Loaded(rows, load.failures)


class _Load:
    def __init__(
        self,
        session: duckdb.DuckDBPyConnection,
        copy: CopyStatement,
        columns: list[Column],
        check: Callable[[], None],
    ) -> None:
        self._session = session
        self._copy = copy
        self._columns = columns
        self._check = check
        self.failures = Failures(copy.max_errors)

    def parquet(self, files: Files) -> int:
        """Load files of Parquet, and return how many rows they have.

        Files of one schema are one INSERT: each has fixed costs, and a stream's files are small.
        """
        opened = (self._opened(url, data) for url, data in files)
        return sum(
            self._insert_parquet(schema, alike, files)
            for schema, alike in groupby(opened, key=lambda each: each.schema)
        )

    def _opened(self, url: str, data: bytes) -> ParquetRows:
        self._check()
        return ParquetRows(url, data, self._columns, is_filled=self._copy.layout.is_filled)

    def _insert_parquet(self, schema: pa.Schema, alike: Iterator[ParquetRows], files: Files) -> int:
        count = 0
        urls: list[str] = []
        errors: list[RedshiftError] = []  # DuckDB, which asks for the batches, passes on only their words

        def batches() -> Iterator[pa.RecordBatch]:
            nonlocal count
            try:
                for each in alike:
                    urls.append(each.url)
                    count += each.count
                    yield from each.batches()
            except RedshiftError as error:
                errors.append(error)
                raise

        columns = self._columns[: len(schema)]
        rows = pa.RecordBatchReader.from_batches(schema, batches())
        try:
            self._insert(self._copy.url, columns, _values(columns), rows)
        except LoadError as error:
            if errors:
                raise errors[0] from None
            raise LoadError(self._culprit(urls, columns, files), error.reason) from None
        return count

    def _culprit(self, urls: list[str], columns: Sequence[Column], files: Files) -> str:
        """Return which of the files that were read the table does not take; all if none alone."""
        if len(urls) == 1:
            return urls[0]
        with self._session.cursor() as apart:  # the transaction is no longer of use
            apart.execute(f"create temporary table probe ({', '.join(map(_probed, columns))})")
            for url in urls:
                found = self._opened(url, files.read(url))
                apart.register(_ROWS, pa.RecordBatchReader.from_batches(found.schema, found.batches()))
                try:
                    apart.execute(f'insert into probe select {_values(columns)} from "{_ROWS}"')  # noqa: S608
                except duckdb.Error:
                    return url
                apart.unregister(_ROWS)
        return self._copy.url

    def text(self, files: Files) -> int:
        """Load files of CSV, delimited text or JSON, and return how many of their rows are right."""
        # The converter's session sees texts only: what it does is no part of the transaction.
        with self._session.cursor() as apart:
            converter = Converter(apart, self._columns, self._copy.conversion)
            fields = self._fields(files) if self._copy.file_format == "json" else []
            count = 0
            for url, data in files:
                for records in self._records(url, data, fields):
                    self._check()
                    table, failures = converter.convert(url, records)
                    self._note(records.failures + failures)
                    if table.num_rows and not self._copy.is_trial:
                        self._insert(url, self._columns, "*", table)
                    count += table.num_rows
        return count

    def _records(self, url: str, data: bytes, fields: list[Field]) -> Iterator[Records]:
        blocks = read_blocks(url, data, self._copy.compression)
        if self._copy.file_format == "json":
            return read_json(url, blocks, fields, self._copy.conversion.replacement)
        return read_text(url, blocks, self._copy, len(self._columns))

    def _fields(self, files: Files) -> list[Field]:
        extractors = self._extractors(files)
        return [
            Field(extract, is_super=column.kind == "JSON")
            for extract, column in zip(extractors, self._columns, strict=True)
        ]

    def _extractors(self, files: Files) -> list[Extractor]:
        paths = self._copy.json_paths
        if paths.startswith("s3://"):
            return read_paths(paths, files.read(paths), len(self._columns))
        name = by_name if paths == "auto" else by_name_in_any_case
        return [name(column.name) for column in self._columns]

    def _note(self, failures: list[Failure]) -> None:
        try:
            self.failures.add(sorted(failures, key=lambda each: each.line_number))
        except TooManyFailures:
            last = self.failures[-1]
            raise LoadError(last.filename, str(last), tuple(self.failures)) from None

    def _insert(
        self, url: str, columns: Sequence[Column], values: str, rows: pa.Table | pa.RecordBatchReader
    ) -> None:
        names = ", ".join(_quoted(column.name) for column in columns)
        sql = f'insert into {self._copy.table} ({names}) select {values} from "{_ROWS}"'  # noqa: S608  # quoted
        self._session.register(_ROWS, rows)
        try:
            self._session.execute(sql)
        except (duckdb.InterruptException, duckdb.TransactionException):
            raise  # it is not the file's fault
        except duckdb.Error as error:
            raise LoadError(url, str(as_redshift(error))) from None
        self._session.unregister(_ROWS)


def _values(columns: Sequence[Column]) -> str:
    """Return what is inserted; a CHAR is kept without the blanks at its end."""
    return ", ".join(
        f"rtrim({_quoted(column.name)}, ' ')" if column.kind == "CHAR" else _quoted(column.name)
        for column in columns
    )


def _probed(column: Column) -> str:
    """Return a column of a table that takes what the one that is loaded takes."""
    name, sizes = _quoted(column.name), ", ".join(map(str, column.modifiers))
    required = " not null" if column.is_required else ""
    if column.is_text:
        return f"{name} varchar{required}" + (f" check (strlen({name}) <= {sizes})" if sizes else "")
    return f"{name} {column.kind}{f'({sizes})' if sizes else ''}{required}"


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
