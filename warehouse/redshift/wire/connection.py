"""One client's connection, from its startup packet to its end."""

import ssl
from contextlib import closing, suppress

from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.wire import messages, rows
from warehouse.redshift.wire.connections import Client
from warehouse.redshift.wire.extended import Extended, tag
from warehouse.redshift.wire.messages import Body, ProtocolViolationError
from warehouse.redshift.wire.parameters import quoted
from warehouse.redshift.wire.startup import Doors, authenticate, greet, settings_of, welcome
from warehouse.redshift.wire.statements import split
from warehouse.redshift.wire.stream import Stream
from warehouse.redshift.wire.types import field

STARTUP_SECONDS = 60.0
"""PostgreSQL's authentication_timeout."""

_STATES = {"idle": b"I", "transaction": b"T", "failed": b"E"}
_COPY_DATA = {"d", "c", "f"}
"""What a client that was refused a COPY from itself may still send."""


def serve(stream: Stream, engine: Engine, doors: Doors, remote: str) -> None:
    """Serve one client until it ends.

    **On failure**: what the client had open is rolled back and its locks are let go, however it ends.
    """
    stream.limit(STARTUP_SECONDS)
    try:
        options = greet(stream, doors)
        if options is None:
            return
        authenticate(stream, doors, options)
        with closing(engine.session(options["user"])) as session:
            for name, value in settings_of(options).items():
                session.run([f"set {name} to {quoted(value)}"])
            with doors.connections.joined(session, doors.database, remote) as client:
                stream.write(welcome(session.user, client.application))
                stream.write(messages.backend_key(client.pid, client.secret))
                stream.limit(None)
                _Conversation(stream, client).hold()
    except (OSError, ssl.SSLError):  # the client is gone, or says nothing
        pass
    except RedshiftError as error:
        with suppress(OSError):
            stream.send(messages.error_response(error, "FATAL"))


class _Conversation:
    def __init__(self, stream: Stream, client: Client) -> None:
        self._stream = stream
        self._session = client.session
        self._client = client
        self._extended = Extended(stream, client)
        self._is_skipping = False
        """After an error in the extended protocol, until the client's Sync."""

    def hold(self) -> None:
        """Answer message by message until the client says goodbye.

        Raises:
            ClientGoneError: It went without.
            ProtocolViolationError: It sent what the protocol does not have.
        """
        self._ready()
        while True:
            kind, body = self._stream.message()
            if kind == "X":
                return
            if kind == "S":
                self._sync()
            elif not self._is_skipping:
                self._answer(kind, body)

    def _answer(self, kind: str, body: Body) -> None:
        try:
            self._dispatch(kind, body)
        except (OSError, ProtocolViolationError):
            raise
        except RedshiftError as error:
            self._refuse(kind, error)
        except Exception as error:  # noqa: BLE001  # the client is told, and the server lives on
            self._refuse(kind, RedshiftError(f"internal: {error!r}"))
        if kind == "Q":
            self._ready()

    def _dispatch(self, kind: str, body: Body) -> None:
        extended = self._extended
        match kind:
            case "Q":
                self._query(body)
            case "P":
                extended.parse(messages.read_parse(body))
            case "B":
                extended.bind(messages.read_bind(body))
            case "D":
                extended.describe(messages.read_named(body))
            case "E":
                extended.execute(messages.read_execute(body))
            case "C":
                extended.close(messages.read_named(body))
            case "H":
                self._stream.flush()
            case "F":
                feature = "function calls of the protocol; use SELECT"
                raise NotSupportedError(feature)
            case _ if kind not in _COPY_DATA:
                msg = f"invalid frontend message type {ord(kind)}"
                raise ProtocolViolationError(msg)

    def _query(self, body: Body) -> None:
        """Run the statements of a text, which are one transaction where the client began none."""
        sql = body.text()
        body.end()
        statements = split(sql)
        if not statements:
            self._stream.write(messages.EMPTY_QUERY)
        for number, statement in enumerate(statements, start=1):
            result = self._client.run(statement, settles=number == len(statements))
            if result.columns is not None and result.table is not None:
                formats = [0] * len(result.columns)
                fields = [field(column, 0) for column in result.columns]
                self._stream.write(messages.row_description(fields))
                for piece in rows.data_rows(result.table, result.columns, formats):
                    self._stream.send(piece)
            self._stream.write(messages.complete(tag(result)))

    def _refuse(self, kind: str, error: RedshiftError) -> None:
        self._session.fail()
        self._is_skipping = kind != "Q"
        self._stream.write(messages.error_response(error))

    def _sync(self) -> None:
        self._is_skipping = False
        try:
            self._session.settle()
        except RedshiftError as error:
            self._session.fail()
            self._stream.write(messages.error_response(error))
        self._ready()

    def _ready(self) -> None:
        if self._session.state == "idle":
            self._extended.forget_portals()
        self._stream.write(messages.ready(_STATES[self._session.state]))
        self._stream.flush()
