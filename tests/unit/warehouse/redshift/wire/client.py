"""A client of PostgreSQL's protocol that says exactly what a test has it say."""

import socket
from collections.abc import Sequence
from contextlib import suppress
from struct import calcsize, pack, unpack, unpack_from
from types import TracebackType
from typing import Self

from warehouse.redshift.wire.startup import md5_password

USER, PASSWORD, DATABASE = "awsuser", "Secret-1", "dev"
PROTOCOL = 196_608
Message = tuple[str, bytes]


def text(*words: str) -> bytes:
    """Return words as the protocol ends them."""
    return b"".join(word.encode() + b"\0" for word in words)


def startup(**options: str) -> bytes:
    """Return a startup packet."""
    named = {"user": USER, "database": DATABASE} | options
    body = pack("!i", PROTOCOL) + text(*(word for pair in named.items() for word in pair)) + b"\0"
    return pack("!i", len(body) + 4) + body


def message(kind: str, body: bytes = b"") -> bytes:
    """Return a message."""
    return kind.encode() + pack("!i", len(body) + 4) + body


def parse(sql: str, oids: Sequence[int] = (), name: str = "") -> bytes:
    """Return a Parse."""
    return message("P", text(name, sql) + pack(f"!h{len(oids)}i", len(oids), *oids))


def bind(  # the fields of the message
    values: Sequence[bytes | None] = (),
    *,
    formats: Sequence[int] = (),
    results: Sequence[int] = (),
    statement: str = "",
    portal: str = "",
) -> bytes:
    """Return a Bind."""
    body = text(portal, statement) + pack(f"!h{len(formats)}h", len(formats), *formats)
    body += pack("!h", len(values))
    for value in values:
        body += pack("!i", -1) if value is None else pack("!i", len(value)) + value
    return message("B", body + pack(f"!h{len(results)}h", len(results), *results))


def describe(kind: str, name: str = "") -> bytes:
    """Return a Describe."""
    return message("D", kind.encode() + text(name))


def execute(most: int = 0, portal: str = "") -> bytes:
    """Return an Execute."""
    return message("E", text(portal) + pack("!i", most))


SYNC = message("S")


class Client:
    """One connection."""

    def __init__(self, port: int) -> None:
        """Connect and say nothing."""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.key = (0, 0)

    def __enter__(self) -> Self:
        """Hold it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Go without a goodbye."""
        self.socket.close()

    def send(self, *parts: bytes) -> None:
        """Send bytes."""
        self.socket.sendall(b"".join(parts))

    def read(self, count: int) -> bytes:
        """Return so many bytes.

        Raises:
            EOFError: The server closed the connection.
        """
        data = b""
        while len(data) < count:
            with suppress(ConnectionResetError):
                if received := self.socket.recv(count - len(data)):
                    data += received
                    continue
            raise EOFError
        return data

    def message(self) -> Message:
        """Return what the server says next."""
        kind, length = unpack("!ci", self.read(5))
        return kind.decode(), self.read(length - 4)

    def until(self, kind: str = "Z") -> list[Message]:
        """Return all up to a message of a kind, with it."""
        found = [self.message()]
        while found[-1][0] != kind:
            found.append(self.message())
        return found

    def enter(self, password: str = PASSWORD, **options: str) -> list[Message]:
        """Come in with a password; return what the server said."""
        self.send(startup(**options))
        kind, body = self.message()
        if kind != "R":
            return [(kind, body)]
        user = options.get("user", USER)
        self.send(message("p", text(md5_password(user, password, body[4:]))))
        said = [self.message()]
        while said[-1][0] not in "ZE":
            said.append(self.message())
        self.key = next((unpack("!ii", each) for name, each in said if name == "K"), (0, 0))
        return said

    def ask(self, *parts: bytes) -> list[Message]:
        """Send, and return all up to ReadyForQuery."""
        self.send(*parts)
        return self.until()

    def query(self, sql: str) -> list[Message]:
        """Send a statement in the simple protocol, and return the answer."""
        return self.ask(message("Q", text(sql)))


def kinds(said: Sequence[Message]) -> str:
    """Return the kinds of messages, one letter each."""
    return "".join(kind for kind, _ in said)


def rows(said: Sequence[Message]) -> list[list[bytes | None]]:
    """Return the values of all rows."""
    return [_values(body) for kind, body in said if kind == "D"]


def _values(body: bytes) -> list[bytes | None]:
    (count,), at, values = unpack_from("!h", body), 2, list[bytes | None]()
    for _ in range(count):
        (length,) = unpack_from("!i", body, at)
        at += calcsize("!i")
        values.append(None if length < 0 else body[at : at + length])
        at += max(length, 0)
    assert at == len(body)
    return values


def tags(said: Sequence[Message]) -> list[str]:
    """Return the words that ended statements."""
    return [body[:-1].decode() for kind, body in said if kind == "C"]


def error(said: Sequence[Message]) -> tuple[str, str, str]:
    """Return severity, SQLSTATE and message of the one error."""
    (body,) = [body for kind, body in said if kind == "E"]
    fields = {part[:1]: part[1:].decode() for part in body.split(b"\0") if part}
    return fields[b"S"], fields[b"C"], fields[b"M"]


def fields(said: Sequence[Message]) -> list[tuple[str, int, int, int]]:
    """Return name, OID, modifier and format of the columns that were described."""
    (body,) = [body for kind, body in said if kind == "T"]
    (count,), at, found = unpack_from("!h", body), 2, []
    for _ in range(count):
        end = body.index(b"\0", at)
        _, _, oid, _, modifier, code = unpack_from("!ihihih", body, end + 1)
        found.append((body[at:end].decode(), oid, modifier, code))
        at = end + 1 + calcsize("!ihihih")
    return found


def state(said: Sequence[Message]) -> str:
    """Return the state of the transaction at the end."""
    kind, body = said[-1]
    assert kind == "Z"
    return body.decode()
