"""Text cut into rows and fields one by one: where quotation marks are not as plain CSV has them.

AWS, "Data format parameters", CSV: white space between a delimiter and a quotation mark is left out. "Data
conversion parameters", REMOVEQUOTES: marks around a field of delimited text are taken away.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from warehouse.redshift.copy.cutting import Cut, Form

BAD_QUOTES = "Invalid quote formatting for CSV"
NO_CLOSING_QUOTE = "Closing quote not found"  # REMOVEQUOTES
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)


@dataclass(slots=True)
class _Rows:
    fields: list[bytes | None] = field(default_factory=list)
    first: list[int] = field(default_factory=lambda: [0])
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    wrong: dict[int, str] = field(default_factory=dict)


def cut_carefully(block: bytes, form: Form, *, is_last: bool, is_longest: bool) -> Cut:
    """Cut a block into its rows; one whose marks do not match is wrong, up to the end of its line.

    A mark that is not closed may be in the next block, unless the block is as long as a row may be.
    """
    rows, used = _Rows(), 0
    patterns = _Patterns(form)
    while used < len(block):
        fields: list[bytes | None] = []
        wrong, end = "", used
        for found in patterns.fields(block, used):
            if isinstance(found, str):
                wrong = found
                if patterns.is_open(block, (fields and end + 1) or used) and not (is_last or is_longest):
                    end = len(block)
                break
            value, end = found
            fields.append(value)
        if wrong or block[end : end + 1] not in {b"", b"\n"}:
            line_end = block.find(b"\n", end)
            end = len(block) if line_end < 0 else line_end
        if end == len(block) and not is_last:
            break  # the rest of the row is in the next block
        rows.starts.append(used)
        rows.ends.append(end)
        if wrong:
            rows.wrong[len(rows.starts) - 1] = wrong
        else:
            rows.fields += fields
        rows.first.append(len(rows.fields))
        used = end + 1
    return Cut(
        pa.array(rows.fields, pa.binary()),
        np.array(rows.first, np.int64),
        np.array(rows.starts, np.int64),
        np.array(rows.ends, np.int64),
        min(used, len(block)),
        rows.wrong,
    )


class _Patterns:
    """What a field may look like."""

    def __init__(self, form: Form) -> None:
        self._form = form
        layout = form.layout
        delimiter = re.escape(layout.delimiter.encode())
        end = rb"(?=" + delimiter + rb"|\r?\n|\r?\Z)"
        if form.is_csv:
            quote = re.escape(layout.quote.encode())
            space = rb"(?:(?!" + delimiter + rb")[ \t\f\v])*"
            content = rb"((?:[^" + quote + rb"]|" + quote + quote + rb")*)"
            self._quoted = re.compile(space + quote + content + quote + space + end)
            self._open = re.compile(space + quote + content + quote + rb"?" + space + rb"\Z")
            self._bare = re.compile(rb"[^" + delimiter + rb"\n]*")
        else:
            step = rb"(?:\\.|[^\\\n])" if layout.is_escaped else rb"[^\n]"
            self._quoted = re.compile(rb"(['\"])(" + step + rb"*?)\1" + end, re.DOTALL)
            begun = rb"\\?" if layout.is_escaped else b""  # an escape may be cut in two
            self._open = re.compile(rb"['\"]" + step + rb"*" + begun + rb"\Z", re.DOTALL)
            bare = (
                rb"(?:\\.|\\\Z|[^\\" + delimiter + rb"\n])*"
                if layout.is_escaped
                else rb"[^" + delimiter + rb"\n]*"
            )
            self._bare = re.compile(bare, re.DOTALL)

    def is_open(self, block: bytes, start: int) -> bool:
        """Return whether a field has a mark that the block does not close."""
        return self._open.match(block, start) is not None

    def fields(self, block: bytes, start: int) -> Iterator[tuple[bytes | None, int] | str]:
        """Yield each field of a row and where it ends, or why it is none."""
        delimiter = self._form.layout.delimiter.encode()
        while True:
            if found := self._quoted.match(block, start):
                value, end = found[found.re.groups], found.end()
                if self._form.is_csv:
                    quote = self._form.layout.quote.encode()
                    value = value.replace(quote + quote, quote)
            else:
                found = self._bare.match(block, start)
                value, end = (found[0], found.end()) if found else (b"", start)
                if (
                    block[end : end + 1] in {b"", b"\n"}
                    and value.endswith(b"\r")
                    and not self._is_escaped(value)
                ):
                    value = value[:-1]
                if reason := self._wrong(value):
                    yield reason
                    return
            if block[end : end + 2] == b"\r\n":
                end += 1
            yield self._value(value), end
            if block[end : end + 1] != delimiter:
                return
            start = end + 1

    def _is_escaped(self, value: bytes) -> bool:
        before = value[:-1]
        return self._form.layout.is_escaped and (len(before) - len(before.rstrip(b"\\"))) % 2 == 1

    def _wrong(self, value: bytes) -> str:
        if self._form.is_csv:
            return BAD_QUOTES if self._form.layout.quote.encode() in value else ""
        return NO_CLOSING_QUOTE if value.startswith((b"'", b'"')) else ""

    def _value(self, value: bytes) -> bytes | None:
        if value == self._form.null:
            return None
        return _ESCAPE.sub(rb"\1", value) if self._form.layout.is_escaped else value
