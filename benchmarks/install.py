"""Peers into an environment of their own, below `.millrace/peers`; nothing happens where they are there."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from benchmarks.peers import NODE_MODULES, NODE_PACKAGES, PEERS, PYTHON, PYTHON_PACKAGES, Peer

_UV = Path(".millrace/tools/uv/bin/uv")
_SECONDS = 600


def install(peers: Sequence[Peer]) -> dict[str, str]:
    """Install what the peers need, and return the reason for each that cannot be had, by its name."""
    reasons = {each.name: _reason(each.needs) for each in peers}
    return {name: reason for name, reason in reasons.items() if reason}


def _reason(needs: str) -> str:
    if not needs:
        return ""
    try:
        if needs in PYTHON_PACKAGES:
            _install_python(needs)
        elif not (shutil.which("node") and shutil.which("npm")):
            return "node and npm are not on PATH"
        elif needs in NODE_PACKAGES:
            _install_node(needs)
    except subprocess.CalledProcessError as error:
        last = (error.stderr or "").strip().splitlines()[-1:]
        return f"`{error.cmd[0]}` failed to install it: {' '.join(last) or f'exit code {error.returncode}'}"
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"it was not installed: {error}"
    return ""


def _install_python(package: str) -> None:
    version = PYTHON_PACKAGES[package]
    if _python_version(package.partition("[")[0]) == version:
        return
    if not PYTHON.exists():
        _run([str(_UV), "venv", "--python", "3.13", str(PYTHON)])
    _run([str(_UV), "pip", "install", "--python", str(PYTHON / "bin" / "python"), f"{package}=={version}"])


def _python_version(name: str) -> str:
    folders = [str(each) for each in PYTHON.glob("lib/python*/site-packages")]
    return next((each.version for each in metadata.distributions(name=name, path=folders)), "")


def _install_node(package: str) -> None:
    version = NODE_PACKAGES[package]
    manifest = NODE_MODULES / package / "package.json"
    if manifest.exists() and json.loads(manifest.read_text(encoding="utf-8"))["version"] == version:
        return
    folder = PEERS / "node"
    folder.mkdir(parents=True, exist_ok=True)
    _run(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), f"{package}@{version}"])


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_SECONDS)  # noqa: S603  # our own
