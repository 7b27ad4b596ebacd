"""How a client comes in: its startup packet, TLS, its password, and what it is told of its session.

Source: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-START-UP
"""

import secrets
import ssl
from dataclasses import dataclass
from hashlib import md5
from hmac import compare_digest
from struct import pack

from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.wire import messages
from warehouse.redshift.wire.connections import Connections
from warehouse.redshift.wire.messages import LARGEST_STARTUP, ProtocolViolationError, read_startup
from warehouse.redshift.wire.stream import Stream

SERVER_VERSION = "8.0.2"
"""Of the PostgreSQL that Redshift says it is."""

_UTF8 = {"utf8", "utf-8", "unicode"}
_MD5, _OK = 5, 0


@dataclass(frozen=True, slots=True)
class Doors:
    """Whom the warehouse lets in, and to what.

    Attributes:
        database: The one that is there.
        user: The one that is there.
        password: Of the user.
        tls: What a client that asks for TLS gets.
        connections: Who is in.
    """

    database: str
    user: str
    password: str
    tls: ssl.SSLContext
    connections: Connections


def greet(stream: Stream, doors: Doors) -> dict[str, str] | None:
    """Read what a client says first; None for one that only cancels another's statement.

    Raises:
        RedshiftError: It speaks no protocol that is spoken here.
    """
    for _ in range(3):  # GSS, then TLS, then the packet itself
        code, body = stream.startup()
        if code == messages.CANCEL_REQUEST:
            doors.connections.cancel(body.int32(), body.int32())
            return None
        if code == messages.GSS_REQUEST:
            stream.send(b"N")
        elif code == messages.TLS_REQUEST and not stream.is_encrypted:
            stream.send(b"S")
            stream.encrypt(doors.tls)
        elif code >> 16 == messages.PROTOCOL >> 16:
            return _options(stream, code, read_startup(body))
        else:
            break
    msg = f"unsupported frontend protocol {code >> 16}.{code & 0xFFFF}: server supports 3.0"
    raise RedshiftError(msg, "0A000")


def _options(stream: Stream, code: int, options: dict[str, str]) -> dict[str, str]:
    unknown = [name for name in options if name.startswith("_pq_.")]
    if code != messages.PROTOCOL or unknown:
        names = b"".join(name.encode() + b"\0" for name in unknown)
        stream.write(messages.message(b"v", pack("!ii", messages.PROTOCOL, len(unknown)) + names))
    return options


def authenticate(stream: Stream, doors: Doors, options: dict[str, str]) -> None:
    """Let a client in that knows the password, and asks for what is there.

    Raises:
        RedshiftError: It does not, or asks for something else.
    """
    user = options.get("user", "")
    if not user:
        msg = "no PostgreSQL user name specified in startup packet"
        raise RedshiftError(msg, "28000")
    salt = secrets.token_bytes(4)
    stream.send(messages.authentication(_MD5, salt))
    kind, body = stream.message(LARGEST_STARTUP)
    if kind != "p":
        msg = f"expected password response, got message type {kind!r}"
        raise ProtocolViolationError(msg)
    is_right = compare_digest(body.text().encode(), md5_password(doors.user, doors.password, salt).encode())
    if not is_right or user != doors.user:
        msg = f'password authentication failed for user "{user}"'
        raise RedshiftError(msg, "28P01")
    database = options.get("database") or user
    if database != doors.database:
        msg = f'database "{database}" does not exist'
        raise RedshiftError(msg, "3D000")
    encoding = options.get("client_encoding", "utf8").strip("'\" ").lower()
    if encoding not in _UTF8:
        feature = f"client_encoding {encoding}; only UTF8"
        raise NotSupportedError(feature)


def md5_password(user: str, password: str, salt: bytes) -> str:
    """Return what a client answers that knows a password: PostgreSQL's AuthenticationMD5Password."""
    inner = md5((password + user).encode(), usedforsecurity=False).hexdigest()
    return "md5" + md5(inner.encode() + salt, usedforsecurity=False).hexdigest()


def welcome(user: str, application: str) -> bytes:
    """Return what a client is told of its session.

    `standard_conforming_strings` is not told, as PostgreSQL 8.0 has none: a backslash escapes in a text, and
    drivers that hear nothing of it double theirs. The formats of results are PostgreSQL's, not those that
    Redshift has for its own drivers since: version 0.
    """
    told = {
        "application_name": application,
        "client_encoding": "UTF8",
        "DateStyle": "ISO, MDY",
        "integer_datetimes": "on",
        "is_superuser": "on",
        "server_encoding": "UTF8",
        "server_protocol_version": "0",
        "server_version": SERVER_VERSION,
        "session_authorization": user,
        "TimeZone": "UTC",
    }
    statuses = b"".join(messages.parameter_status(name, value) for name, value in told.items())
    return messages.authentication(_OK) + statuses


def settings_of(options: dict[str, str]) -> dict[str, str]:
    """Return the session's settings that a startup packet asks for, in its `options` and by their names.

    >>> settings_of({"options": "-c search_path=a --query_group=x", "application_name": "me", "user": "u"})
    {'application_name': 'me', 'search_path': 'a', 'query_group': 'x'}

    Raises:
        RedshiftError: The options are no `-c name=value`.
    """
    found = {name: options[name] for name in ("application_name",) if options.get(name)}
    words = options.get("options", "").replace("\\ ", "\0").split()
    for word in words:
        if word == "-c":
            continue
        name, sign, value = word.removeprefix("-c").removeprefix("--").partition("=")
        if not sign or not name.replace(".", "_").isidentifier():
            msg = f"invalid command-line argument for server process: {word}"
            raise RedshiftError(msg, "42601")
        found[name.replace("-", "_")] = value.replace("\0", " ")
    return found
