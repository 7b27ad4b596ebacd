"""Requests held against their shapes.

The wording of a broken constraint is the one that AWS's JSON services have: "N validation errors detected:
Value '…' at '…' failed to satisfy constraint: …". A value of the wrong JSON type is a SerializationException.
"""

import re
from collections.abc import Iterator
from typing import Any

from warehouse.redshift.data_api.errors import DataApiError, not_valid
from warehouse.redshift.data_api.shapes import (
    OPERATIONS,
    Fields,
    Flag,
    Many,
    Number,
    Shape,
    Text,
    Unsupported,
)

_MOST_SHOWN = 256
"""Characters of a value in a message."""


def validate(operation: str, request: dict[str, Any]) -> None:
    """Refuse a request that its operation's shape does not allow.

    Raises:
        DataApiError: ValidationException for an operation or a member that is not there, and for a broken
            constraint; SerializationException for a wrong type.
    """
    shape = OPERATIONS.get(operation)
    if shape is None:
        known = ", ".join(sorted(OPERATIONS))
        raise not_valid(f"operation `{operation}` is not supported by this warehouse; there are {known}")
    failures = list(_fields(shape, request, ""))
    if failures:
        plural = "s" if len(failures) > 1 else ""
        raise not_valid(f"{len(failures)} validation error{plural} detected: {'; '.join(failures)}")


def _failures(shape: Shape, value: Any, path: str) -> Iterator[str]:
    match shape:
        case Fields():
            yield from _fields(shape, value, path)
        case Many():
            yield from _many(shape, value, path)
        case Text():
            yield from _text(shape, value, path)
        case Number():
            yield from _number(shape, value, path)
        case Flag() if not isinstance(value, bool):
            raise _wrong_type(path, "a Boolean")
        case Unsupported():
            raise not_valid(f"{path} is not supported by this warehouse; {shape.instead}")


def _fields(shape: Fields, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        raise _wrong_type(path, "a structure")
    for name, each in value.items():
        if each is not None:
            below = f"{path}.{name}" if path else name
            if name not in shape.members:
                raise not_valid(f"{below} is not supported by this warehouse; it knows no such member")
            yield from _failures(shape.members[name], each, below)
    for name in sorted(shape.required):
        if value.get(name) is None:
            below = f"{path}.{name}" if path else name
            yield f"Value null at '{below}' failed to satisfy constraint: Member must not be null"


def _many(shape: Many, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        raise _wrong_type(path, "a list")
    yield from _length(len(value), shape.least, shape.most, f"[{len(value)} members]", path)
    for place, each in enumerate(value[: shape.most], 1):
        yield from _failures(shape.of, each, f"{path}.{place}")


def _text(shape: Text, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        raise _wrong_type(path, "a String")
    if not _is_text(value):
        raise DataApiError("SerializationException", f"{path} is not Unicode text")
    broken = list(_length(len(value), shape.least, shape.most, value, path))
    if not broken and shape.pattern and not re.fullmatch(shape.pattern, value, re.ASCII):
        broken = [f"{_at(value, path)}Member must satisfy regular expression pattern: {shape.pattern}"]
    if shape.choices and value not in shape.choices:
        broken.append(f"{_at(value, path)}Member must satisfy enum value set: [{', '.join(shape.choices)}]")
    yield from broken


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def _number(shape: Number, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong_type(path, "an Integer")
    if value < shape.least:
        yield f"{_at(value, path)}Member must have value greater than or equal to {shape.least}"
    if value > shape.most:
        yield f"{_at(value, path)}Member must have value less than or equal to {shape.most}"


def _length(length: int, least: int | None, most: int | None, value: str, path: str) -> Iterator[str]:
    if least is not None and length < least:
        yield f"{_at(value, path)}Member must have length greater than or equal to {least}"
    if most is not None and length > most:
        yield f"{_at(value, path)}Member must have length less than or equal to {most}"


def _wrong_type(path: str, wanted: str) -> DataApiError:
    return DataApiError("SerializationException", f"{path or 'the request'} must be {wanted}")


def _at(value: object, path: str) -> str:
    return f"Value '{str(value)[:_MOST_SHOWN]}' at '{path}' failed to satisfy constraint: "
