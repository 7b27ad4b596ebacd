"""Redshift's types as the protocol numbers them.

Source: PostgreSQL 8.0's pg_type.h, and AWS's drivers for SUPER and VARBYTE.
"""

from warehouse.redshift.errors import NotSupportedError
from warehouse.redshift.result import Column
from warehouse.redshift.wire.messages import Field

OIDS = {
    "bool": 16,
    "bpchar": 1042,
    "date": 1082,
    "float4": 700,
    "float8": 701,
    "int2": 21,
    "int4": 23,
    "int8": 20,
    "name": 19,
    "numeric": 1700,
    "oid": 26,
    "super": 4000,
    "text": 25,
    "time": 1083,
    "timestamp": 1114,
    "timestamptz": 1184,
    "varbyte": 6551,
    "varchar": 1043,
}
_SIZES = {
    "bool": 1,
    "date": 4,
    "float4": 4,
    "float8": 8,
    "int2": 2,
    "int4": 4,
    "int8": 8,
    "name": 64,
    "oid": 4,
    "time": 8,
    "timestamp": 8,
    "timestamptz": 8,
}
"""Bytes of a type; the others vary."""

_HEADER = 4
"""PostgreSQL counts the header of a varying value into its modifier."""


def field(column: Column, format_code: int) -> Field:
    """Return a column as RowDescription has it.

    Raises:
        NotSupportedError: The protocol does not know its type.
    """
    if column.type not in OIDS:
        feature = f"column `{column.name}` of type {column.type} in a result"
        raise NotSupportedError(feature)
    modifier = -1
    if column.type == "numeric" and column.precision:
        modifier = ((column.precision << 16) | column.scale) + _HEADER
    elif column.type == "varchar" and column.precision:
        modifier = column.precision + _HEADER
    return Field(column.name, OIDS[column.type], _SIZES.get(column.type, -1), modifier, format_code)
