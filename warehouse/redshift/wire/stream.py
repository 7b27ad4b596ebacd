"""One client's socket: whole messages are read from it, with their lengths checked before anything else."""

import socket
import ssl
from contextlib import suppress
from struct import unpack

from warehouse.redshift.wire.messages import LARGEST_MESSAGE, LARGEST_STARTUP, Body, ProtocolViolationError

_CHUNK = 65_536
_QUICK_ACK = getattr(socket, "TCP_QUICKACK", None)
"""Linux only: what a client sends in small parts is acknowledged at once, or it would wait 40 ms for that."""


class ClientGoneError(ConnectionError):
    """The client closed the connection."""


class Stream:
    """Bytes from and to a client."""

    def __init__(self, connection: socket.socket) -> None:
        """Take an accepted connection."""
        self._socket = connection
        self._read = bytearray()
        self._written: list[bytes] = []
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    @property
    def is_encrypted(self) -> bool:
        """Whether TLS was agreed on."""
        return isinstance(self._socket, ssl.SSLSocket)

    def limit(self, seconds: float | None) -> None:
        """Have reads and writes fail after so long; None for never."""
        self._socket.settimeout(seconds)

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Go on in TLS.

        Raises:
            ProtocolViolationError: What was sent before, in the clear, would be taken for encrypted.
        """
        if self._read:
            msg = "received unencrypted data after SSL request"
            raise ProtocolViolationError(msg)
        self._socket = context.wrap_socket(self._socket, server_side=True)

    def startup(self) -> tuple[int, Body]:
        """Return the code of a startup packet and what follows it.

        Raises:
            ClientGoneError: There is none.
            ProtocolViolationError: Its length is none that such a packet has.
        """
        (length,) = unpack("!I", self._take(4))
        if not 8 <= length <= LARGEST_STARTUP:  # noqa: PLR2004  # its length and its code
            msg = "invalid length of startup packet"
            raise ProtocolViolationError(msg)
        code, body = unpack(f"!I{length - 8}s", self._take(length - 4))
        return code, Body(body)

    def message(self, largest: int = LARGEST_MESSAGE) -> tuple[str, Body]:
        """Return a message's kind and its body.

        Raises:
            ClientGoneError: There is none.
            ProtocolViolationError: It is longer than a message may be.
        """
        kind, length = unpack("!cI", self._take(5))
        if not 4 <= length <= largest:  # noqa: PLR2004  # the length itself
            msg = f"invalid message length: {length} bytes; a message may have {largest}"
            raise ProtocolViolationError(msg)
        return kind.decode("latin-1"), Body(self._take(length - 4))

    def _take(self, count: int) -> bytes:
        while len(self._read) < count:
            received = self._socket.recv(_CHUNK)
            if not received:
                raise ClientGoneError
            if _QUICK_ACK is not None:
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
            self._read += received
        taken = bytes(self._read[:count])
        del self._read[:count]
        return taken

    def write(self, data: bytes) -> None:
        """Send with what comes next."""
        self._written.append(data)

    def flush(self) -> None:
        """Send what was written."""
        data, self._written = b"".join(self._written), []
        if data:
            self._socket.sendall(data)

    def send(self, data: object) -> None:
        """Send a large piece, after what was written."""
        self.flush()
        self._socket.sendall(data)  # type: ignore[arg-type]  # any buffer

    def shutdown(self) -> None:
        """Have reads and writes end at once, in whichever thread they are."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the socket; in TLS the client is told, or it would take the end for an attack."""
        if isinstance(self._socket, ssl.SSLSocket):
            with suppress(OSError, ValueError):  # it is shut down already
                self._socket.settimeout(0)  # its own goodbye is not waited for
                self._socket.unwrap()
        self._socket.close()
