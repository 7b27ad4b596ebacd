"""The Kinesis engines compared."""

from pathlib import Path

from app.stack.cloud import cloud
from app.stack.process import Server
from app.stack.settings import StandSettings
from benchmarks.peers import (
    LOCALSTACK,
    MINISTACK,
    NODE_MODULES,
    NODE_PACKAGES,
    OURS,
    PYTHON,
    PYTHON_PACKAGES,
    STOCK,
    Peer,
    free_port,
    server,
)

STOCK_ENGINES = Path("cloud/root/var/lib/localstack/lib")
"""Where LocalStack installs engines, below its home."""
_LOOPBACK = {"NODE_OPTIONS": f"--require={Path('app/stack/loopback.js').absolute()}"}
"""Servers of node would listen on every address, and kinesis-mock has no setting for that."""


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
    return server("kinesis-local", home, port, ["node", str(folder / "main.js")], environment | _LOOPBACK)


def _kinesalite(home: Path) -> Server:
    port = free_port()
    command = ["node", str((NODE_MODULES / "kinesalite" / "cli.js").absolute())]
    return server(
        "kinesalite", home, port, [*command, f"--port={port}", "--shardLimit=1000"], dict(_LOOPBACK)
    )


def _moto(home: Path) -> Server:
    port = free_port()
    command = [str((PYTHON / "bin" / "moto_server").absolute()), "-H", "127.0.0.1", "-p", str(port)]
    return server("moto", home, port, command, {})


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
    MINISTACK,
)
