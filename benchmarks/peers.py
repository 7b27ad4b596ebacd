"""What is compared: where each peer comes from, its pinned version, and what starts it on 127.0.0.1 alone."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.stack.process import Server

PEERS = Path(".millrace/peers")
PYTHON = PEERS / "python"
NODE_MODULES = PEERS / "node" / "node_modules"
PYTHON_PACKAGES = {
    "moto[server,kinesis]": "5.2.5",
    "ministack": "1.5.33",
    "bytewax": "0.21.1",
    "duckdb-extension-tpch": "1.5.5",
    "polars": "1.36.1",
}
OLDER_PYTHONS = {"bytewax": "3.12"}
"""Of packages that have no wheel for the Python of the others."""
BESIDE = {"bytewax": ("orjson==3.13.0",), "duckdb-extension-tpch": ("duckdb==1.5.5",)}
"""What is installed with a package."""
NODE_PACKAGES = {"kinesalite": "3.3.3", "kinesis-local": "0.6.2"}
LOCALSTACK = "2026.3.0"
OURS = "millrace"
STOCK = "stock"


@dataclass(frozen=True, slots=True)
class Peer:
    """One server.

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


def python_of(package: str) -> Path:
    """Return the environment that a package is installed into."""
    return PEERS / f"python{OLDER_PYTHONS[package]}" if package in OLDER_PYTHONS else PYTHON


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def server(name: str, home: Path, port: int, command: list[str], environment: dict[str, str]) -> Server:
    """Return a server that keeps its temporary files in its home."""
    temporary = home / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return Server(name, command, {**environment, "TMPDIR": str(temporary)}, port, "/", home)


def ministack(home: Path) -> Server:
    """Return ministack; its Lambda runs functions as processes unless it is told to use Docker."""
    port = free_port()
    # Its doors of other services would listen on every address.
    doors = {"IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
    environment = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), **doors}
    return server("ministack", home, port, [str((PYTHON / "bin" / "ministack").absolute())], environment)


MINISTACK = Peer("ministack", f"ministack {PYTHON_PACKAGES['ministack']}", "ministack", ministack)
