"""Types of columns, as CREATE TABLE writes them, as the catalogue says them, and as DuckDB has them.

Source: AWS, "Data types".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from warehouse.redshift.dialect.sql_types import DEFAULT_LENGTH, LARGEST_CHAR, LARGEST_LENGTH, MOST_DIGITS
from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.statements.reader import Reader


@dataclass(frozen=True, slots=True)
class ColumnType:
    """The type of a column.

    Attributes:
        written: As `format_type` says it, such as `character varying(16)`.
        duckdb: As DuckDB has it.
        length: Bytes that a text may have; 0 for other types.
    """

    written: str
    duckdb: str
    length: int = 0

    @property
    def is_char(self) -> bool:
        """Whether it is CHAR, which is kept without the blanks at its end."""
        return self.written.startswith("character(")


_NAMES: Mapping[str, str] = {
    "bigint": "bigint",
    "bool": "boolean",
    "boolean": "boolean",
    "bpchar": "character",
    "char": "character",
    "character": "character",
    "character varying": "character varying",
    "date": "date",
    "decimal": "numeric",
    "double precision": "double precision",
    "float": "double precision",
    "float4": "real",
    "float8": "double precision",
    "int": "integer",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "integer": "integer",
    "nchar": "character",
    "numeric": "numeric",
    "nvarchar": "character varying",
    "real": "real",
    "smallint": "smallint",
    "super": "super",
    "text": "character varying",
    "time": "time without time zone",
    "time without time zone": "time without time zone",
    "timestamp": "timestamp without time zone",
    "timestamp with time zone": "timestamp with time zone",
    "timestamp without time zone": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "varchar": "character varying",
}
"""Redshift's names of its types; the longer come first where they are read."""
_DUCKDB: Mapping[str, str] = {
    "bigint": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "double precision": "DOUBLE",
    "integer": "INTEGER",
    "real": "REAL",
    "smallint": "SMALLINT",
    "super": "JSON",
    "time without time zone": "TIME",
    "timestamp with time zone": "TIMESTAMPTZ",
    "timestamp without time zone": "TIMESTAMP",
}
_FROM_DUCKDB: Mapping[str, str] = {
    "FLOAT": "real",
    "HUGEINT": "numeric(38,0)",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "VARCHAR": f"character varying({LARGEST_LENGTH})",
    **{duckdb: written for written, duckdb in _DUCKDB.items()},
}


def read_type(reader: Reader) -> ColumnType:
    """Step over a type and return it.

    Raises:
        NotSupportedError: It is not there.
        RedshiftError: It is longer than Redshift's longest.
    """
    said = reader.take_one(*sorted(_NAMES, key=len, reverse=True))
    name = _NAMES.get(said)
    if name is None:
        feature = f"type {reader.keyword().upper()}"
        raise NotSupportedError(feature)
    sizes: list[int] = []
    if reader.take("("):
        sizes.append(LARGEST_LENGTH if reader.take("max") else reader.number())
        while reader.take(","):
            sizes.append(reader.number())
        reader.expect(")")
    elif said == "bpchar":
        sizes.append(DEFAULT_LENGTH)
    if name == "numeric":
        return _numeric(sizes)
    if name in {"character", "character varying"}:
        return _text(name, sizes)
    if sizes and name != "double precision":
        msg = f'type modifier is not allowed for type "{name}"'
        raise RedshiftError(msg, "42601")
    return ColumnType(name, _DUCKDB[name])


def _numeric(sizes: list[int]) -> ColumnType:
    digits = sizes[0] if sizes else 18
    scale = sizes[1] if len(sizes) > 1 else 0
    if not 0 < digits <= MOST_DIGITS or not 0 <= scale <= digits:
        msg = f"NUMERIC({digits},{scale}) must have 1 to {MOST_DIGITS} digits, and not more behind the point"
        raise RedshiftError(msg, "22023")
    return ColumnType(f"numeric({digits},{scale})", f"DECIMAL({digits}, {scale})")


def _text(name: str, sizes: list[int]) -> ColumnType:
    """AWS, "Character types": CHAR has one byte and VARCHAR 256 where no length is said; TEXT has 256."""
    is_char = name == "character"
    most = LARGEST_CHAR if is_char else LARGEST_LENGTH
    length = sizes[0] if sizes else 1 if is_char else DEFAULT_LENGTH
    if not 0 < length <= most:
        msg = f"length for type {'char' if is_char else 'varchar'} must be 1 to {most}; got {length}"
        raise RedshiftError(msg, "22023")
    return ColumnType(f"{name}({length})", "VARCHAR", length)


def written_type(duckdb: str) -> str:
    """Return what Redshift calls a type of a query's column; nothing where it has none.

    >>> written_type("DECIMAL(9,2)"), written_type("INTEGER[]")
    ('numeric(9,2)', '')
    """
    if duckdb.startswith("DECIMAL("):
        return duckdb.replace("DECIMAL", "numeric").replace(" ", "")
    return _FROM_DUCKDB.get(duckdb, "")
