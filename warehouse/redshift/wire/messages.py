"""Messages of PostgreSQL's protocol, version 3.0: what clients send, read with care, and what they are told.

Source: https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct, pack

from warehouse.redshift.errors import RedshiftError

PROTOCOL = 196_608
CANCEL_REQUEST = 80_877_102
TLS_REQUEST = 80_877_103
GSS_REQUEST = 80_877_104

LARGEST_STARTUP = 10_000
"""Bytes of a startup packet, as PostgreSQL bounds it."""
LARGEST_MESSAGE = 64 * 2**20

_INT16 = Struct("!h")
_COUNT = Struct("!H")
_INT32 = Struct("!i")


class ProtocolViolationError(RedshiftError):
    """The client sent what the protocol does not have; the connection ends."""

    def __init__(self, message: str) -> None:
        """Take what is wrong."""
        super().__init__(message, "08P01")


class Body:
    """The body of one message, read from the left to the right."""

    def __init__(self, data: bytes) -> None:
        """Stand before its first byte."""
        self._data = data
        self._position = 0

    def take(self, count: int) -> bytes:
        """Return the next bytes.

        Raises:
            ProtocolViolationError: There are fewer.
        """
        end = self._position + count
        if count < 0 or end > len(self._data):
            msg = "invalid message format: it is shorter than it says"
            raise ProtocolViolationError(msg)
        found, self._position = self._data[self._position : end], end
        return found

    def int16(self) -> int:
        """Return the next two bytes as a signed number."""
        return int(_INT16.unpack(self.take(2))[0])

    def count(self) -> int:
        """Return the next two bytes as a count."""
        return int(_COUNT.unpack(self.take(2))[0])

    def int32(self) -> int:
        """Return the next four bytes as a signed number."""
        return int(_INT32.unpack(self.take(4))[0])

    def text(self) -> str:
        """Return the text up to the next zero byte.

        Raises:
            ProtocolViolationError: There is no zero byte.
            RedshiftError: It is not UTF-8.
        """
        end = self._data.find(b"\0", self._position)
        if end < 0:
            msg = "invalid message format: a text has no end"
            raise ProtocolViolationError(msg)
        found, self._position = self._data[self._position : end], end + 1
        return decoded(found)

    def value(self) -> bytes | None:
        """Return the next value: its length and so many bytes; None for NULL."""
        length = self.int32()
        return None if length == -1 else self.take(length)

    def end(self) -> None:
        """Refuse what is left.

        Raises:
            ProtocolViolationError: Something is.
        """
        if self._position != len(self._data):
            msg = "invalid message format: it is longer than it says"
            raise ProtocolViolationError(msg)


def decoded(data: bytes) -> str:
    """Return bytes as text.

    Raises:
        RedshiftError: They are not UTF-8.
    """
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        msg = f'invalid byte sequence for encoding "UTF8": {error.object[error.start : error.end].hex(" ")}'
        raise RedshiftError(msg, "22021") from None


@dataclass(frozen=True, slots=True)
class Parse:
    """A statement is to be prepared; an OID of 0 leaves a parameter's type open."""

    name: str
    sql: str
    oids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bind:
    """A prepared statement gets the values of its parameters, and is a portal."""

    portal: str
    statement: str
    formats: tuple[int, ...]
    values: tuple[bytes | None, ...]
    result_formats: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """What Describe and Close name: a statement (`S`) or a portal (`P`)."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Execute:
    """A portal is to run, and to give so many rows; 0 for all."""

    portal: str
    most_rows: int


def read_startup(body: Body) -> dict[str, str]:
    """Return what a client says at its start, by name."""
    options: dict[str, str] = {}
    while name := body.text():
        options[name] = body.text()
    body.end()
    return options


def read_parse(body: Body) -> Parse:
    """Read what Parse says."""
    parse = Parse(body.text(), body.text(), tuple(body.int32() for _ in range(body.count())))
    body.end()
    return parse


def read_bind(body: Body) -> Bind:
    """Read what Bind says."""
    portal, statement = body.text(), body.text()
    formats = tuple(body.int16() for _ in range(body.count()))
    values = tuple(body.value() for _ in range(body.count()))
    result_formats = tuple(body.int16() for _ in range(body.count()))
    body.end()
    if any(each not in {0, 1} for each in formats + result_formats):
        msg = "a format must be 0 for text or 1 for binary"
        raise ProtocolViolationError(msg)
    return Bind(portal, statement, formats, values, result_formats)


def read_named(body: Body) -> Named:
    """Read what Describe or Close says."""
    named = Named(body.take(1).decode("latin-1"), body.text())
    body.end()
    if named.kind not in {"S", "P"}:
        msg = f"a statement `S` or a portal `P` is described or closed; got {named.kind!r}"
        raise ProtocolViolationError(msg)
    return named


def read_execute(body: Body) -> Execute:
    """Read what Execute says."""
    execute = Execute(body.text(), max(body.int32(), 0))
    body.end()
    return execute


def each_format(formats: Sequence[int], count: int) -> list[int]:
    """Return the format of each of so many values: none said is text, and one holds for all.

    Raises:
        ProtocolViolationError: There are neither none, nor one, nor as many as there are values.
    """
    if len(formats) not in {0, 1, count}:
        msg = f"there are {len(formats)} formats for {count} values"
        raise ProtocolViolationError(msg)
    return list(formats) if len(formats) == count else [formats[0] if formats else 0] * count


def message(kind: bytes, body: bytes = b"") -> bytes:
    """Return a message of the server's."""
    return kind + _INT32.pack(len(body) + 4) + body


def _text(text: str) -> bytes:
    return text.replace("\0", "").encode() + b"\0"


def authentication(code: int, more: bytes = b"") -> bytes:
    """Return what asks for a password (5: as MD5, with a salt), or says that it was right (0)."""
    return message(b"R", _INT32.pack(code) + more)


def parameter_status(name: str, value: str) -> bytes:
    """Return what tells the client how the session is set."""
    return message(b"S", _text(name) + _text(value))


def backend_key(pid: int, secret: int) -> bytes:
    """Return what a CancelRequest has to name."""
    return message(b"K", pack("!ii", pid, secret))


def ready(state: bytes) -> bytes:
    """Return what ends an answer: `I` idle, `T` in a transaction, `E` in one that failed."""
    return message(b"Z", state)


def complete(tag: str) -> bytes:
    """Return what ends a statement."""
    return message(b"C", _text(tag))


def error_response(error: RedshiftError, severity: str = "ERROR") -> bytes:
    """Return an error with its SQLSTATE; `FATAL` where the connection ends with it."""
    fields = (("S", severity), ("V", severity), ("C", error.sqlstate), ("M", str(error)))
    return message(b"E", b"".join(code.encode() + _text(value) for code, value in fields) + b"\0")


def parameter_description(oids: Sequence[int]) -> bytes:
    """Return the types of a statement's parameters."""
    return message(b"t", pack(f"!H{len(oids)}i", len(oids), *oids))


@dataclass(frozen=True, slots=True)
class Field:
    """One column, as RowDescription has it."""

    name: str
    oid: int
    size: int
    modifier: int
    format: int


def row_description(fields: Sequence[Field]) -> bytes:
    """Return the columns of the rows that follow; that they are of tables' is not told."""
    body = b"".join(
        _text(each.name) + pack("!ihihih", 0, 0, each.oid, each.size, each.modifier, each.format)
        for each in fields
    )
    return message(b"T", _COUNT.pack(len(fields)) + body)


PARSE_COMPLETE = message(b"1")
BIND_COMPLETE = message(b"2")
CLOSE_COMPLETE = message(b"3")
EMPTY_QUERY = message(b"I")
NO_DATA = message(b"n")
PORTAL_SUSPENDED = message(b"s")
