"""Digests, and numbers as texts of another base.

Source: AWS, Amazon Redshift Database Developer Guide, "Hash functions", "STRTOL", "TO_HEX".
"""

from collections.abc import Callable

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed, binary, call, cast, number
from warehouse.redshift.dialect.calls import Call
from warehouse.redshift.dialect.sql_types import INT8, TEXT
from warehouse.redshift.errors import NotSupportedError, RedshiftError

_CASTAGNOLI = 0x82F63B78


def _nibble(value: int) -> int:
    for _ in range(4):
        value = value >> 1 ^ (_CASTAGNOLI if value & 1 else 0)
    return value


MACRO = f"""
create or replace macro millrace_nibbles(x) as list_transform(
    range(length(x)),
    lambda i: (instr('0123456789ABCDEF', substr(x, i + 2 - 2 * (i % 2), 1)) - 1)::ubigint);
create or replace macro millrace_crc32(x) as case when x is not null
    then format('{{:08x}}', xor(4294967295::ubigint, list_reduce(
        list_prepend(4294967295::ubigint, millrace_nibbles(hex(encode(x)))),
        lambda crc, nibble: xor(
            crc >> 4,
            {[_nibble(each) for each in range(16)]}[(xor(crc, nibble) & 15)::integer + 1]::ubigint)))) end;
"""
"""CRC32 is Castagnoli's on Redshift: the half bytes one by one, the lower first."""


def _digest(name: str) -> Callable[[Call], Typed]:
    def read(call_: Call) -> Typed:
        call_.takes(1)
        return Typed(call(name, call_.text(0)), TEXT)

    return read


def _sha2(call_: Call) -> Typed:
    call_.takes(2)
    bits = call_.raw[1].name
    if bits not in {"0", "256"}:
        feature = f"SHA2 of {bits or 'computed'} bits; only 256"
        raise NotSupportedError(feature)
    return Typed(call("sha256", call_.text(0)), TEXT)


def _strtol(call_: Call) -> Typed:
    call_.takes(2)
    base = call_.raw[1].name
    if not (isinstance(call_.raw[1], exp.Literal) and base.isdigit() and 2 <= int(base) <= 36):  # noqa: PLR2004  # AWS's bounds
        feature = "STRTOL of a base other than 2 to 36"
        raise NotSupportedError(feature)
    return Typed(call("millrace_strtol", call_.text(0), number(int(base))), INT8)


def _hex(call_: Call) -> Typed:
    """TO_HEX of a whole number: a negative one as its two's complement."""
    call_.takes(1)
    value = call_.typed(0)
    if not value.type.is_integer:
        msg = f"function to_hex({value.type}) does not exist"
        raise RedshiftError(msg)
    node = cast(value.node, "BIGINT")
    if value.type != INT8:
        node = binary(exp.BitwiseAnd, node, number(0xFFFF_FFFF))
    return Typed(call("lower", call("to_hex", node)), TEXT)


FUNCTIONS: dict[str, Callable[[Call], Typed]] = {
    "crc32": _digest("millrace_crc32"),
    "func_sha1": _digest("sha1"),
    "md5": _digest("md5"),
    "sha": _digest("sha1"),
    "sha1": _digest("sha1"),
    "sha2": _sha2,
    "strtol": _strtol,
    "to_hex": _hex,
}
