"""DuckDB's errors in Redshift's words."""

import re
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from warehouse.redshift.errors import RedshiftError

_WORDS: tuple[tuple[str, str, str], ...] = (
    (r'Table with name .* because schema "?(\w+)"? does not exist', r'schema "\1" does not exist', "3F000"),
    (r"Table with name (\S+) does not exist", r'relation "\1" does not exist', "42P01"),
    (r'(?:Table|View) with name "?([^"\s]+)"? already exists', r'relation "\1" already exists', "42P07"),
    (r"View with name (\S+) does not exist", r'view "\1" does not exist', "42P01"),
    (r'Referenced column "(\w+)" not found', r'column "\1" does not exist', "42703"),
    (r'Table "(\w+)" does not have a column named "(\w+)"', r'column "\2" does not exist in \1', "42703"),
    (
        r"Cast(?:ing)? value.* to type DECIMAL.* out of range",
        "Numeric data overflow (result precision)",
        "22003",
    ),
    (r"Could not cast value .* to DECIMAL", "Numeric data overflow (result precision)", "22003"),
    (r"Could not convert string '(.*)' to INT\d+", r'value "\1" is out of range', "22003"),
    (r"(invalid input syntax for [^\n]+)", r"\1", "22P02"),
    (r"Division by zero", "division by zero", "22012"),
    (r"(invalid input syntax for [^\n]*)", r"\1", "22P02"),
    (
        r'CHECK constraint failed.*strlen\("?([^")]+)"?\) <= (\d+)',
        r"value too long for type character varying(\2), in column `\1`",
        "22001",
    ),
    (
        r'CHECK constraint failed.*\((\d+) >= strlen\("?([^")]+)"?\)',
        r"value too long for type character(\1), in column `\2`",
        "22001",
    ),
    (
        r'CHECK constraint failed.*= rtrim\("?([^")]+)"?\)',
        r"a character is kept without the blanks at its end: trim column `\1`",
        "0A000",
    ),
    (r"NOT NULL constraint failed: (\S+)", r"cannot insert a NULL value into column \1", "23502"),
)
_KINDS: tuple[tuple[type[duckdb.Error], str], ...] = (
    (duckdb.ParserException, "42601"),
    (duckdb.CatalogException, "42704"),
    (duckdb.BinderException, "42883"),
    (duckdb.ConversionException, "22P02"),
    (duckdb.OutOfRangeException, "22003"),
    (duckdb.ConstraintException, "23000"),
)
"""SQLSTATEs of what has no words of its own."""
_STREAMED: dict[str, type[duckdb.Error]] = {
    "Constraint": duckdb.ConstraintException,
    "Conversion": duckdb.ConversionException,
    "INTERRUPT": duckdb.InterruptException,
    "Out of Range": duckdb.OutOfRangeException,
}
"""Errors by the words before `Error:`, which are all that Arrow leaves of them."""


def streamed(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """Yield a result's batches as DuckDB makes them.

    Raises:
        duckdb.Error: It failed on the way; Arrow hands that on as an error of its own.
    """
    try:
        yield from reader
    except (OSError, pa.ArrowException) as error:
        kind = _STREAMED.get(str(error).partition(" Error: ")[0], duckdb.Error)
        raise kind(str(error)) from None


def as_redshift(error: duckdb.Error) -> RedshiftError:
    """Return an error of DuckDB's as one of Redshift's; what has no match keeps its first line.

    >>> str(as_redshift(duckdb.CatalogException("Catalog Error: Table with name t does not exist!")))
    'relation "t" does not exist'
    """
    message = str(error)
    if isinstance(error, duckdb.TransactionException) and "conflict" in message.lower():
        table = re.search(r'table ""?(\w+)', message)
        return RedshiftError(
            f"1023 DETAIL: Serializable isolation violation on table {table[1] if table else '(unnamed)'}, "
            f"transactions forming the cycle wrote the same rows; send it again",
            "40001",
        )
    for pattern, words, sqlstate in _WORDS:
        if found := re.search(pattern, message, re.DOTALL):
            return RedshiftError(found.expand(words), sqlstate)
    sqlstate = next((code for kind, code in _KINDS if isinstance(error, kind)), "XX000")
    return RedshiftError(message.partition("\n")[0].partition(" Error: ")[2] or message, sqlstate)
