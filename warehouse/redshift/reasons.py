"""DuckDB's errors in Redshift's words."""

import re

import duckdb

from warehouse.redshift.errors import RedshiftError

_WORDS = (
    (r"Table with name (\S+) does not exist", r'relation "\1" does not exist'),
    (r'Table with name "?([^"\s]+)"? already exists', r'relation "\1" already exists'),
    (r"View with name (\S+) does not exist", r'view "\1" does not exist'),
    (r'Referenced column "(\w+)" not found', r'column "\1" does not exist'),
    (r'Table "(\w+)" does not have a column named "(\w+)"', r'column "\2" does not exist in \1'),
    (r"Division by zero", "division by zero"),
    (
        r'CHECK constraint failed.*octet_length\(encode\("?([^")]+)"?\)\) <= (\d+)',
        r"value too long for type character varying(\2), in column `\1`",
    ),
    (r"NOT NULL constraint failed: (\S+)", r"cannot insert a NULL value into column \1"),
)


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
            f"transactions forming the cycle wrote the same rows; send it again"
        )
    for pattern, words in _WORDS:
        if found := re.search(pattern, message, re.DOTALL):
            return RedshiftError(found.expand(words))
    return RedshiftError(message.partition("\n")[0].partition(" Error: ")[2] or message)
