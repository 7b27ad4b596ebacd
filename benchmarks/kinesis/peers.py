"""The engines compared: where each comes from, its pinned version, and what starts it on 127.0.0.1 alone."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.stack.cloud import cloud
from app.stack.process import Server
from app.stack.settings import StandSettings

PEERS = Path(".millrace/peers")
PYTHON = PEERS / "python"
NODE_MODULES = PEERS / "node" / "node_modules"
PYTHON_PACKAGES = {"moto[server,kinesis]": "5.2.5", "ministack": "1.5.33"}
NODE_PACKAGES = {"kinesalite": "3.3.3", "kinesis-local": "0.6.2"}
LOCALSTACK = "2026.3.0"
OURS = "millrace"
STOCK = "stock"
STOCK_ENGINES = Path("cloud/root/var/lib/localstack/lib")
"""Where LocalStack installs engines, below its home."""
_LOOPBACK = {"NODE_OPTIONS": f"--require={Path('app/stack/loopback.js').absolute()}"}
"""Servers of node would listen on every address, and kinesis-mock has no setting for that."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One engine.

    Attributes:
        name: As `--only` takes it.
        title: As tables name it, with its version.
        needs: The package to be installed first; "node" where only node is needed, "" where nothing is.
        server: What starts it, given its home; at a port that is free.
    """

    name: str
    title: str
    needs: str
    server: Callable[[Path], Server]


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _millrace(home: Path) -> Server:
    """Return LocalStack with the engine of this project, as `make up` starts it."""
    return cloud(StandSettings(home=home, port=free_port()))


def _stock(home: Path) -> Server:
    return cloud(StandSettings(home=home, port=free_port(), kinesis="stock"))


def _kinesis_local(home: Path) -> Server:
    port = free_port()
    folder = (NODE_MODULES / "kinesis-local").absolute()
    environment = {
        "KINESIS_MOCK_PLAIN_PORT": str(port),
        "KINESIS_MOCK_TLS_PORT": str(free_port()),
        "KINESIS_MOCK_CERT_PATH": str(folder / "server.json"),
        "SHARD_LIMIT": "1000",
    }
    return _server("kinesis-local", home, port, ["node", str(folder / "main.js")], environment | _LOOPBACK)


def _kinesalite(home: Path) -> Server:
    port = free_port()
    command = ["node", str((NODE_MODULES / "kinesalite" / "cli.js").absolute())]
    return _server(
        "kinesalite", home, port, [*command, f"--port={port}", "--shardLimit=1000"], dict(_LOOPBACK)
    )


def _moto(home: Path) -> Server:
    port = free_port()
    command = [str((PYTHON / "bin" / "moto_server").absolute()), "-H", "127.0.0.1", "-p", str(port)]
    return _server("moto", home, port, command, {})


def _ministack(home: Path) -> Server:
    port = free_port()
    # Its doors of other services would listen on every address.
    doors = {"IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
    environment = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), **doors}
    return _server("ministack", home, port, [str((PYTHON / "bin" / "ministack").absolute())], environment)


def _server(name: str, home: Path, port: int, command: list[str], environment: dict[str, str]) -> Server:
    temporary = home / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return Server(name, command, {**environment, "TMPDIR": str(temporary)}, port, "/", home)


ALL = (
    Peer(OURS, f"Millrace (LocalStack {LOCALSTACK}, own engine)", "", _millrace),
    Peer(STOCK, f"LocalStack {LOCALSTACK}, stock engine (kinesis-mock 0.5.2)", "node", _stock),
    Peer(
        "kinesis-local",
        f"kinesis-local {NODE_PACKAGES['kinesis-local']} (kinesis-mock)",
        "kinesis-local",
        _kinesis_local,
    ),
    Peer("kinesalite", f"kinesalite {NODE_PACKAGES['kinesalite']}", "kinesalite", _kinesalite),
    Peer("moto", f"moto {PYTHON_PACKAGES['moto[server,kinesis]']}", "moto[server,kinesis]", _moto),
    Peer("ministack", f"ministack {PYTHON_PACKAGES['ministack']}", "ministack", _ministack),
)
