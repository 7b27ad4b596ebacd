"""Redshift's types: how they combine, and what they are in DuckDB.

Source: AWS, Amazon Redshift Database Developer Guide, "Data types" and "Computations with numeric values".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlglot import exp

from warehouse.redshift.errors import NotSupportedError, RedshiftError

DEFAULT_LENGTH = 256
LARGEST_LENGTH = 65_535
LARGEST_CHAR = 4096
MOST_DIGITS = 38


@dataclass(frozen=True, slots=True)
class Type:
    """A type, by the name that PostgreSQL's catalogue gives it.

    Attributes:
        name: Such as int4 or bpchar; "unknown" for a literal that has not taken a type yet.
        size: Bytes of a text, or digits of a number; 0 where it has none.
        scale: Digits after the point.
    """

    name: str
    size: int = 0
    scale: int = 0

    @property
    def is_integer(self) -> bool:
        """Whether it is SMALLINT, INTEGER or BIGINT."""
        return self.name in _DIGITS

    @property
    def is_float(self) -> bool:
        """Whether it is REAL or DOUBLE PRECISION."""
        return self.name in {"float4", "float8"}

    @property
    def is_number(self) -> bool:
        """Whether arithmetic takes it."""
        return self.is_integer or self.is_float or self.name == "numeric"

    @property
    def is_text(self) -> bool:
        """Whether it is CHAR or VARCHAR."""
        return self.name in {"varchar", "bpchar"}

    @property
    def is_unknown(self) -> bool:
        """Whether it is a literal that takes the type of what it meets."""
        return self.name == "unknown"

    @property
    def is_moment(self) -> bool:
        """Whether it is DATE, TIMESTAMP or TIMESTAMPTZ."""
        return self.name in {"date", "timestamp", "timestamptz"}

    def __str__(self) -> str:
        """Write it as `format_type` does."""
        return _WRITTEN[self.name] + (
            f"({self.size},{self.scale})"
            if self.name == "numeric" and self.size
            else f"({self.size})"
            if self.is_text and self.size
            else ""
        )


_DIGITS = {"int2": 5, "int4": 10, "int8": 19}
_WRITTEN = {
    "bool": "boolean",
    "bpchar": "character",
    "date": "date",
    "float4": "real",
    "float8": "double precision",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "interval": "interval",
    "numeric": "numeric",
    "super": "super",
    "time": "time without time zone",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "unknown": "unknown",
    "varbyte": "binary varying",
    "varchar": "character varying",
}

BOOL, DATE, INTERVAL, SUPER, TIME = map(Type, ("bool", "date", "interval", "super", "time"))
INT2, INT4, INT8 = map(Type, ("int2", "int4", "int8"))
FLOAT4, FLOAT8 = Type("float4"), Type("float8")
TIMESTAMP, TIMESTAMPTZ, UNKNOWN = map(Type, ("timestamp", "timestamptz", "unknown"))
TEXT = Type("varchar")


def numeric(size: int, scale: int) -> Type:
    """Return DECIMAL(size, scale)."""
    return Type("numeric", size, scale)


_SQLGLOT = {
    exp.DType.BIGINT: INT8,
    exp.DType.BOOLEAN: BOOL,
    exp.DType.BPCHAR: Type("bpchar"),
    exp.DType.CHAR: Type("bpchar"),
    exp.DType.DATE: DATE,
    exp.DType.DECIMAL: Type("numeric"),
    exp.DType.DOUBLE: FLOAT8,
    exp.DType.FLOAT: FLOAT4,
    exp.DType.INT: INT4,
    exp.DType.NCHAR: Type("bpchar"),
    exp.DType.NVARCHAR: TEXT,
    exp.DType.SMALLINT: INT2,
    exp.DType.SUPER: SUPER,
    exp.DType.TEXT: TEXT,
    exp.DType.TIME: TIME,
    exp.DType.TIMESTAMP: TIMESTAMP,
    exp.DType.TIMESTAMPTZ: TIMESTAMPTZ,
    exp.DType.VARCHAR: TEXT,
}
_ONE_CHARACTER = {exp.DType.CHAR, exp.DType.NCHAR}
"""Types of one byte where no length is written."""
_DUCKDB = {
    "bool": "BOOLEAN",
    "bpchar": "VARCHAR",
    "date": "DATE",
    "float4": "REAL",
    "float8": "DOUBLE",
    "int2": "SMALLINT",
    "int4": "INTEGER",
    "int8": "BIGINT",
    "interval": "INTERVAL",
    "super": "JSON",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMPTZ",
    "unknown": "VARCHAR",
    "varchar": "VARCHAR",
}
_FROM_DUCKDB = {
    "BIGINT": INT8,
    "BOOLEAN": BOOL,
    "DATE": DATE,
    "DOUBLE": FLOAT8,
    "FLOAT": FLOAT4,
    "HUGEINT": numeric(MOST_DIGITS, 0),
    "INTEGER": INT4,
    "INTERVAL": INTERVAL,
    "JSON": SUPER,
    "SMALLINT": INT2,
    "TIME": TIME,
    "TIMESTAMP": TIMESTAMP,
    "TIMESTAMP WITH TIME ZONE": TIMESTAMPTZ,
    "UBIGINT": INT8,
    "UINTEGER": INT8,
    "VARCHAR": TEXT,
}


def written_type(kind: exp.DataType) -> Type:
    """Return the type that a statement names.

    Raises:
        NotSupportedError: It is none of those that are there, or longer than Redshift's longest.
    """
    found = _SQLGLOT.get(kind.this)
    if found is None or kind.args.get("nested"):
        feature = f"type {kind.sql('redshift').upper()}"
        raise NotSupportedError(feature)
    sizes = [each.name.upper() for each in kind.expressions]
    if found.name == "numeric":
        size = int(sizes[0]) if sizes else 18
        scale = int(sizes[1]) if len(sizes) > 1 else 0
        if not 0 < size <= MOST_DIGITS or not 0 <= scale <= size:
            msg = (
                f"NUMERIC({size},{scale}) must have 1 to {MOST_DIGITS} digits, and not more behind the point"
            )
            raise RedshiftError(msg)
        return numeric(size, scale)
    if found.is_text and sizes:
        most = LARGEST_LENGTH if found is TEXT else LARGEST_CHAR
        size = most if sizes[0] == "MAX" else int(sizes[0])
        if not 0 < size <= most:
            feature = f"{'VARCHAR' if found is TEXT else 'CHAR'}({size}); the longest is {most}"
            raise NotSupportedError(feature)
        return replace(found, size=size)
    return replace(found, size=1) if kind.this in _ONE_CHARACTER else found


def duckdb_type(kind: Type) -> str:
    """Return the type of DuckDB's that holds a type.

    >>> duckdb_type(numeric(10, 2))
    'DECIMAL(10, 2)'
    """
    return f"DECIMAL({kind.size}, {kind.scale})" if kind.name == "numeric" else _DUCKDB[kind.name]


def type_of_duckdb(kind: str) -> Type | None:
    """Return the type that a type of DuckDB's stands for; None where there is none.

    >>> type_of_duckdb("DECIMAL(10,2)")
    Type(name='numeric', size=10, scale=2)
    """
    if found := re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", kind):
        return numeric(int(found[1]), int(found[2]))
    return _FROM_DUCKDB.get(kind)


def as_numeric(kind: Type) -> Type:
    """Return the DECIMAL that an integer is beside a DECIMAL."""
    return numeric(_DIGITS[kind.name], 0) if kind.is_integer else kind


def common_type(kinds: Iterable[Type], where: str) -> Type:
    """Return the one type of a CASE, a COALESCE, a UNION.

    Raises:
        NotSupportedError: Redshift would convert one, and that is not done here.
    """
    known = [kind for kind in kinds if not kind.is_unknown]
    if not known:
        return TEXT
    result = known[0]
    for kind in known[1:]:
        result = _wider(result, kind, where)
    return result


def _wider(one: Type, other: Type, where: str) -> Type:
    if one.name == other.name and one.name not in {"numeric", "varchar", "bpchar"}:
        return one
    if one.is_text and other.is_text:
        name = one.name if one.name == other.name else "varchar"
        return Type(name, max(one.size, other.size) if one.size and other.size else 0)
    if one.is_integer and other.is_integer:
        return max(one, other, key=lambda kind: _DIGITS[kind.name])
    if one.is_number and other.is_number:
        if one.is_float or other.is_float:
            return FLOAT8
        one, other = as_numeric(one), as_numeric(other)
        scale = max(one.scale, other.scale)
        digits = max(one.size - one.scale, other.size - other.scale) + scale
        most = MOST_DIGITS if max(one.size, other.size) > _DIGITS["int8"] else _DIGITS["int8"]
        return numeric(min(digits, most), scale)
    if one.is_moment and other.is_moment:
        order = ("date", "timestamp", "timestamptz")
        return max(one, other, key=lambda kind: order.index(kind.name))
    feature = f"{where} of {one} and {other}; cast one of them"
    raise NotSupportedError(feature)
