"""Bytes of a file as texts, which are UTF-8.

AWS, "Multibyte character load errors" and "Data conversion parameters", ACCEPTINVCHARS.
"""

import re
from typing import Any

import pyarrow as pa

# AWS: U+FDD0 to U+FDEF, and FFFE and FFFF at the end of each plane, are replaced where others are.
_NO_CHARACTERS = re.compile(
    "[\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)


def as_texts(fields: Any, replacement: str | None) -> tuple[Any, dict[int, str]]:
    """Return bytes as texts, and why which of them are none.

    Args:
        fields: An array of bytes, or one of texts, which is returned as it is.
        replacement: What stands for each byte of a character that is none; None where it is an error.
    """
    if fields.type == pa.string():
        return fields, {}
    try:
        texts = fields.cast(pa.string())
        if replacement is None:
            return texts, {}
    except pa.ArrowInvalid:
        pass
    invalid: dict[int, str] = {}
    found: list[str | None] = []
    for row, raw in enumerate(fields.to_pylist()):
        if raw is None:
            found.append(None)
            continue
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            if replacement is None:
                invalid[row] = _reason(error)
                text = ""
            else:
                text = _replaced(raw, replacement)
        found.append(text if replacement is None else _without_no_characters(text, replacement))
    return pa.array(found, pa.string()), invalid


def _replaced(raw: bytes, replacement: str) -> str:
    text, start = "", 0
    while start < len(raw):
        try:
            return text + raw[start:].decode()
        except UnicodeDecodeError as error:
            text += raw[start : start + error.start].decode() + replacement * (error.end - error.start)
            start += error.end
    return text


def _without_no_characters(text: str, replacement: str) -> str:
    return _NO_CHARACTERS.sub(lambda found: replacement * len(found[0].encode()), text)


def _reason(error: UnicodeDecodeError) -> str:
    """Name the bytes and AWS's number: 2 for a character without its end, 3 for a first byte, 4."""
    raw = error.object[error.start : error.end]
    number = {"unexpected end of data": 2, "invalid start byte": 3}.get(error.reason, 4)
    return (
        "String contains invalid or unsupported UTF-8 codepoints. "
        f"Bad UTF-8 hex sequence: {raw.hex(' ')} (error {number})"
    )
