"""Files of JSON, read as rows of texts: one document after the other, on lines or not.

AWS, "COPY from JSON format". Numbers stay as they are written, so a DECIMAL keeps all of its digits. An
object or array becomes the text of it, without white space.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from warehouse.redshift.copy.failures import Failure
from warehouse.redshift.copy.json_paths import Extractor
from warehouse.redshift.copy.records import Records, as_text
from warehouse.redshift.copy.unicode import as_texts

_BATCH_ROWS = 65_536
_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class Field:
    """What a column takes of a document: where it is, and whether it stays JSON, as a SUPER does."""

    extract: Extractor
    is_super: bool


class _Number(str):
    """A number, as it is written."""

    __slots__ = ()


def read_json(
    url: str, blocks: Iterator[bytes], fields: Sequence[Field], replacement: str | None
) -> Iterator[Records]:
    """Yield the rows of a file; a document that is none is wrong up to the end of its line."""
    raw = b"".join(blocks)
    texts, invalid = as_texts(pa.array([raw], pa.binary()), replacement)
    if invalid:
        yield Records([], [], lambda _row: b"", [Failure(url, 1, 1220, invalid[0])])
        return
    text = texts[0].as_py()
    batch, lines = _Batch(text, fields), _Lines(text)
    for start, found in _documents(text):
        line = lines.number(start)
        if isinstance(found, json.JSONDecodeError):
            written = as_text(text[start : _line_end(text, start)].encode())
            reason = f"Invalid JSON format: {found.msg}"
            batch.failures.append(Failure(url, line, 1216, reason, raw_line=written))
        else:
            batch.documents.append(found[0])
            batch.spans.append((start, found[1]))
            batch.lines.append(line)
        if len(batch.documents) + len(batch.failures) >= _BATCH_ROWS:
            yield batch.records()
            batch = _Batch(text, fields)
    yield batch.records()


class _Lines:
    """The numbers of lines of a text, asked for from its start to its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line, self._position = 1, 0

    def number(self, position: int) -> int:
        self._line += self._text.count("\n", self._position, position)
        self._position = position
        return self._line


@dataclass(slots=True)
class _Batch:
    """Documents that are not yet rows."""

    text: str
    fields: Sequence[Field]
    documents: list[Any] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def records(self) -> Records:
        columns = [
            pa.array([_as_field(one.extract(each), one) for each in self.documents], pa.string())
            for one in self.fields
        ]
        return Records(
            columns, self.lines, lambda row: self.text[slice(*self.spans[row])].encode(), self.failures
        )


def _documents(text: str) -> Iterator[tuple[int, tuple[Any, int] | json.JSONDecodeError]]:
    """Yield where each document starts, and what it is and where it ends, or why it is none."""
    decoder = json.JSONDecoder(parse_float=_Number, parse_int=_Number, parse_constant=_no_constant)
    start = _end_of_space(text, 0)
    while start < len(text):
        try:
            if text[start] not in "{[":
                raise json.JSONDecodeError("expected an object or an array", text, start)  # noqa: TRY003, TRY301
            document, end = decoder.raw_decode(text, start)
            yield start, (document, end)
        except json.JSONDecodeError as error:
            yield start, error
            end = _line_end(text, start)
        start = _end_of_space(text, end)


def _no_constant(name: str) -> Any:
    raise json.JSONDecodeError(f"{name} is no number", "", 0)  # noqa: EM102, TRY003  # NaN, which Python would take


def _end_of_space(text: str, start: int) -> int:
    found = _SPACE.match(text, start)
    return found.end() if found else start


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _as_field(value: Any, one: Field) -> str | None:
    if value is None or (isinstance(value, str) and not one.is_super):
        return value
    return _written(value)


def _written(value: Any) -> str:
    match value:
        case _Number():
            return str(value)
        case list():
            return "[" + ",".join(map(_written, value)) + "]"
        case dict():
            pairs = (f"{json.dumps(key, ensure_ascii=False)}:{_written(each)}" for key, each in value.items())
            return "{" + ",".join(pairs) + "}"
    return json.dumps(value, ensure_ascii=False)
