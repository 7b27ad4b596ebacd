"""Requests held against their shapes; refusals read as AWS's do.

The wording is that of the live service: "N validation errors detected: Value '…' at '…' failed to satisfy
constraint: …". A value of the wrong JSON type is a SerializationException.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from localstack.providers.kinesis.errors import KinesisError, not_valid, unsupported
from localstack.providers.kinesis.shapes import (
    OPERATIONS,
    Blob,
    Fields,
    Flag,
    Many,
    Moment,
    Number,
    Pairs,
    Shape,
    Text,
    Unsupported,
)

_LAST_SECOND = 253_402_300_799  # of the year 9999
_MOST_SHOWN = 256  # characters of a value in a message


def validate(operation: str, request: Any) -> None:
    """Refuse a request that its operation's shape does not allow.

    Raises:
        KinesisError: SerializationException for a wrong type, ValidationException for a broken constraint,
            UnsupportedOperationException for a member that this engine does not support.
    """
    failures = list(_failures(OPERATIONS[operation], request, ""))
    if failures:
        head = f"{len(failures)} validation error{'s' * (len(failures) > 1)} detected: "
        raise not_valid(head + "; ".join(failures))


def wrong_type(value: Any, wanted: str) -> KinesisError:
    """Return the error of a JSON value that is of another type than its member."""
    match value:
        case bool():
            found = "TRUE_VALUE" if value else "FALSE_VALUE"
        case int():
            found = "NUMBER_VALUE"
        case float():
            found = "DECIMAL_VALUE"
        case str():
            found = "STRING_VALUE"
        case list():
            return KinesisError("SerializationException", "Start of list found where not expected")
        case _:
            return KinesisError(
                "SerializationException", "Start of structure or map found where not expected"
            )
    return KinesisError("SerializationException", f"{found} can not be converted to {wanted}")


def _failures(shape: Shape, value: Any, path: str) -> Iterator[str]:
    match shape:
        case Fields():
            yield from _fields(shape, value, path)
        case Many():
            yield from _many(shape, value, path)
        case Pairs():
            yield from _pairs(shape, value, path)
        case Text():
            yield from _text(shape, value, path)
        case Number():
            yield from _number(shape, value, path)
        case Blob():
            yield from _blob(shape, value, path)
        case Flag() if not isinstance(value, bool):
            raise wrong_type(value, "Boolean")
        case Moment():
            yield from _moment(value, path)


def _fields(shape: Fields, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        raise wrong_type(value, "a structure")
    for name in value.keys() - shape.members.keys():
        if value[name] is not None:
            raise unsupported(f"`{name}`")
    for name, member in shape.members.items():
        below = _below(path, name)
        if value.get(name) is not None and isinstance(member, Unsupported):
            raise unsupported(f"`{name}`")
        if value.get(name) is not None:
            yield from _failures(member, value[name], below)
        elif name in shape.required:
            yield f"Value null at '{below}' failed to satisfy constraint: Member must not be null"


def _many(shape: Many, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        raise wrong_type(value, "a list")
    yield from _length(len(value), shape.least, shape.most, "[…]", path)
    for place, item in enumerate(value[: shape.most], 1):
        below = f"{path}.{place}.member"
        if item is None:
            yield f"Value null at '{below}' failed to satisfy constraint: Member must not be null"
        else:
            yield from _failures(shape.of, item, below)


def _pairs(shape: Pairs, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        raise wrong_type(value, "a map")
    yield from _length(len(value), shape.least, shape.most, "{…}", path)
    for key, item in value.items():
        yield from _text(shape.key, key, path)
        yield from _text(shape.value, item, f"{path}.{key}.member")


def _text(shape: Text, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        raise wrong_type(value, "a String")
    if (shape.most is None or len(value) <= shape.most) and not _is_text(value):
        raise KinesisError("SerializationException", f"the string at '{path}' is not Unicode text")
    too_long_or_short = list(_length(len(value), shape.least, shape.most, value, path))
    if too_long_or_short:  # and no pattern is matched against it: some take quadratic time
        yield from too_long_or_short
        return
    if shape.pattern and not re.fullmatch(shape.pattern, value, re.ASCII):
        yield f"{_at(value, path)}Member must satisfy regular expression pattern: {shape.pattern}"
    if shape.choices and value not in shape.choices:
        yield f"{_at(value, path)}Member must satisfy enum value set: [{', '.join(shape.choices)}]"


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def _number(shape: Number, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(value, "an Integer")
    if shape.least is not None and value < shape.least:
        yield f"{_at(value, path)}Member must have value greater than or equal to {shape.least}"
    if shape.most is not None and value > shape.most:
        yield f"{_at(value, path)}Member must have value less than or equal to {shape.most}"


def _moment(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong_type(value, "a date")
    if not 0 <= value <= _LAST_SECOND:
        yield f"{_at(value, path)}Member must be seconds since 1970"


def _blob(shape: Blob, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        raise wrong_type(value, "a ByteBuffer")
    try:
        size = len(binascii.a2b_base64(value, strict_mode=True))
    except ValueError:
        raise invalid_base64() from None
    yield from _length(size, 0, shape.most, "java.nio.HeapByteBuffer", path)


def invalid_base64() -> KinesisError:
    """Return the error of a blob that is not base64."""
    return KinesisError("SerializationException", "a blob must be base64 (RFC 4648, padded)")


def encode(data: bytes) -> str:
    """Return bytes as a blob of a JSON request."""
    return base64.b64encode(data).decode()


def decode(blob: str) -> bytes:
    """Return the bytes of a blob."""
    return base64.b64decode(blob)


def _length(length: int, least: int | None, most: int | None, value: str, path: str) -> Iterator[str]:
    if least is not None and length < least:
        yield f"{_at(value, path)}Member must have length greater than or equal to {least}"
    if most is not None and length > most:
        yield f"{_at(value, path)}Member must have length less than or equal to {most}"


def _at(value: object, path: str) -> str:
    return f"Value '{str(value)[:_MOST_SHOWN]}' at '{path}' failed to satisfy constraint: "


def _below(path: str, name: str) -> str:
    begin = name[0].lower() + name[1:]
    return f"{path}.{begin}" if path else begin
