"""How clients come in: passwords, TLS, and what is said too early, too long or not at all."""

import ssl
from datetime import timedelta
from pathlib import Path
from struct import pack
from time import monotonic

import pytest

from tests.unit.warehouse.redshift.wire.client import Client, error, message, startup, text
from warehouse.redshift.engine import Engine
from warehouse.redshift.wire import connection
from warehouse.redshift.wire.certificates import server_context
from warehouse.redshift.wire.connections import Connections
from warehouse.redshift.wire.server import WireServer
from warehouse.redshift.wire.startup import Doors, settings_of

TLS_REQUEST = pack("!ii", 8, 80_877_103)
GSS_REQUEST = pack("!ii", 8, 80_877_104)


def test_a_client_with_the_password_is_let_in(wire: WireServer) -> None:
    """It hears of a server version that drivers can read, and of the key of its cancel requests."""
    with Client(wire.port) as client:
        said = client.enter(application_name="test")
    told = dict(body[:-1].decode().split("\0") for kind, body in said if kind == "S")
    assert said[-1] == ("Z", b"I")
    assert client.key > (0, 0)
    assert (told["server_version"], told["client_encoding"], told["application_name"]) == (
        "8.0.2",
        "UTF8",
        "test",
    )
    assert told["server_protocol_version"] == "0"
    assert "standard_conforming_strings" not in told


@pytest.mark.parametrize(
    ("password", "options", "sqlstate", "words"),
    [
        pytest.param("wrong", {}, "28P01", 'failed for user "awsuser"', id="wrong password"),
        pytest.param("Secret-1", {"user": "eve"}, "28P01", 'failed for user "eve"', id="unknown user"),
        pytest.param("Secret-1", {"user": ""}, "28000", "no PostgreSQL user name", id="no user"),
        pytest.param("Secret-1", {"database": "x"}, "3D000", 'database "x" does not exist', id="database"),
        pytest.param("wrong", {"database": "x"}, "28P01", "awsuser", id="a stranger hears of no databases"),
        pytest.param(
            "Secret-1", {"client_encoding": "LATIN1"}, "0A000", "client_encoding latin1", id="encoding"
        ),
        pytest.param("Secret-1", {"options": "--x"}, "42601", "invalid command-line argument", id="options"),
    ],
)
def test_who_is_not_let_in_hears_why(
    wire: WireServer, password: str, options: dict[str, str], sqlstate: str, words: str
) -> None:
    """With PostgreSQL's SQLSTATE, and the connection ends."""
    with Client(wire.port) as client:
        severity, code, told = error(client.enter(password, **options))
        assert (severity, code) == ("FATAL", sqlstate)
        assert words in told
        with pytest.raises(EOFError):
            client.read(1)


@pytest.mark.parametrize(
    ("packet", "words"),
    [
        pytest.param(pack("!I", 2**30) + b"x" * 100, "invalid length of startup packet", id="1 GB"),
        pytest.param(pack("!i", -5), "invalid length of startup packet", id="negative"),
        pytest.param(pack("!i", 4), "invalid length of startup packet", id="too short"),
        pytest.param(pack("!ii", 8, 131_072), "unsupported frontend protocol 2.0", id="old protocol"),
        pytest.param(pack("!ii", 12, 196_608) + b"user", "a text has no end", id="no end"),
        pytest.param(pack("!i", len(startup()) - 1) + startup()[4:-1], "has no end", id="no last zero"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", "invalid length of startup packet", id="HTTP"),
        pytest.param(TLS_REQUEST + b"\x16\x03\x01", "received unencrypted data", id="data before TLS"),
    ],
)
def test_a_startup_packet_that_is_none_is_refused(wire: WireServer, packet: bytes, words: str) -> None:
    """Before anything of its length is read, and the next client is served."""
    with Client(wire.port) as client:
        client.send(packet)
        if packet.startswith(TLS_REQUEST):
            assert client.read(1) == b"S"
        severity, _, told = error([client.message()])
        assert severity == "FATAL"
        assert words in told
    with Client(wire.port) as client:
        assert client.enter()[-1] == ("Z", b"I")


def test_half_a_startup_packet_is_waited_for_and_then_dropped(
    wire: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as PostgreSQL's authentication_timeout; others are served meanwhile."""
    monkeypatch.setattr(connection, "STARTUP_SECONDS", 0.3)
    with Client(wire.port) as client, Client(wire.port) as other:
        began = monotonic()
        client.send(startup()[:10])
        assert other.enter()[-1] == ("Z", b"I")
        with pytest.raises(EOFError):
            client.read(1)
        assert monotonic() - began < 10


def test_something_else_than_a_password_is_refused(wire: WireServer) -> None:
    """A query before the password is not run."""
    with Client(wire.port) as client:
        client.send(startup(), message("Q", text("select 1")))
        assert client.message()[0] == "R"
        assert error([client.message()])[1] == "08P01"


def test_tls_is_given_to_those_who_trust_the_authority(wire: WireServer, tls_folder: Path) -> None:
    """By the names of this machine, and GSS is not."""
    for name in ("127.0.0.1", "localhost"):
        trusting = ssl.create_default_context(cafile=str(tls_folder / "ca.crt"))
        with Client(wire.port) as client:
            client.send(GSS_REQUEST)
            assert client.read(1) == b"N"
            client.send(TLS_REQUEST)
            assert client.read(1) == b"S"
            client.socket = trusting.wrap_socket(client.socket, server_hostname=name)
            assert client.enter()[-1] == ("Z", b"I")
            assert client.query("select 1")[1] == ("D", b"\0\1\0\0\0\x011")
    strange = ssl.create_default_context()
    with Client(wire.port) as client:
        client.send(TLS_REQUEST)
        assert client.read(1) == b"S"
        with pytest.raises(ssl.SSLCertVerificationError):
            strange.wrap_socket(client.socket, server_hostname="localhost")


def test_certificates_last_and_are_made_anew_when_they_run_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The authority stays what clients trust, and keys are for their owner alone."""
    server_context(tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    server_context(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == made
    monkeypatch.setattr("warehouse.redshift.wire.certificates._LEFT", timedelta(days=400))
    server_context(tmp_path)
    again = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert again["ca.crt"] == made["ca.crt"]
    assert again["server.crt"] != made["server.crt"]


def test_a_client_beyond_the_limit_hears_that_it_is_full(engine: Engine, tls_folder: Path) -> None:
    """AWS, "Quotas and limits in Amazon Redshift"; who goes makes room."""
    doors = Doors("dev", "awsuser", "Secret-1", server_context(tls_folder), Connections(2))
    server = WireServer(0, engine, doors)
    server.start()
    try:
        with Client(server.port) as first, Client(server.port) as second, Client(server.port) as third:
            assert [each.enter()[-1][0] for each in (first, second)] == ["Z", "Z"]
            assert error(third.enter())[:2] == ("FATAL", "53300")
            first.send(message("X"))
            with pytest.raises(EOFError):
                first.read(1)
            with Client(server.port) as fourth:
                assert fourth.enter()[-1] == ("Z", b"I")
    finally:
        server.close()


def test_settings_of_a_startup_packet() -> None:
    """As libpq writes them, with spaces escaped."""
    assert settings_of({"options": "-c search_path=a -cquery_group=b\\ c --x.y=1"}) == {
        "search_path": "a",
        "query_group": "b c",
        "x.y": "1",
    }
