"""What the Data API tells of a column: a result's, or a table's.

Source: AWS, Amazon Redshift Data API Reference, "ColumnMetadata"; the numbers of each type are those of the
examples in the Management Guide, "Fetch the results of a SQL statement": digits of a number, bytes of a text.
"""

from typing import Any

from warehouse.redshift.result import Column

_UNKNOWN_LENGTH = 65_535
"""Of a text that an expression made: the longest that it can be."""

_DIGITS = {
    "bool": (1, 0),
    "date": (13, 0),
    "float4": (8, 8),
    "float8": (17, 17),
    "int2": (5, 0),
    "int4": (10, 0),
    "int8": (19, 0),
    "time": (15, 6),
    "timetz": (21, 6),
    "timestamp": (29, 6),
    "timestamptz": (35, 6),
}
_SIGNED = {"float4", "float8", "int2", "int4", "int8", "numeric"}
_CASED = {"bpchar", "char", "text", "varchar"}


def of_result(column: Column) -> dict[str, Any]:
    """Return a column of a result; which table it is from, and whether it may be null, is not known."""
    return {"label": column.name, "length": 0, "schemaName": "", "tableName": "", **_column(column)}


def of_table(
    column: Column, schema: str, table: str, *, is_nullable: bool, default: str | None
) -> dict[str, Any]:
    """Return a column of a table."""
    described = _column(column)
    described |= {"schemaName": schema, "tableName": table, "nullable": int(is_nullable)}
    described["length"] = described["precision"]
    return described | ({} if default is None else {"columnDefault": default})


def _column(column: Column) -> dict[str, Any]:
    precision, scale = _DIGITS.get(column.type, (column.precision or _UNKNOWN_LENGTH, column.scale))
    return {
        "name": column.name,
        "typeName": column.type,
        "precision": precision,
        "scale": scale,
        "nullable": 1,
        "isCaseSensitive": column.type in _CASED,
        "isCurrency": False,
        "isSigned": column.type in _SIGNED,
    }
