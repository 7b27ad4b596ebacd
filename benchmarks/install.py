"""Peers into an environment of their own, below `.millrace/peers`; nothing happens where they are there."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from benchmarks.peers import (
    BESIDE,
    NODE_MODULES,
    NODE_PACKAGES,
    OLDER_PYTHONS,
    PEERS,
    PYTHON_PACKAGES,
    Peer,
    python_of,
)

_UV = Path(".millrace/tools/uv/bin/uv")
_SECONDS = 600


def install(peers: Sequence[Peer]) -> dict[str, str]:
    """Install what the peers need, and return the reason for each that cannot be had, by its name."""
    reasons = {each.name: why_not(each.needs) for each in peers}
    return {name: reason for name, reason in reasons.items() if reason}


def why_not(needs: str) -> str:
    """Install one package, and return why it cannot be had, or nothing."""
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
    version, folder = PYTHON_PACKAGES[package], python_of(package)
    if _python_version(folder, package.partition("[")[0]) == version:
        return
    if not folder.exists():
        _run([str(_UV), "venv", "--python", _interpreter(OLDER_PYTHONS.get(package, "3.13")), str(folder)])
    packages = [f"{package}=={version}", *BESIDE.get(package, ())]
    _run([str(_UV), "pip", "install", "--python", str((folder / "bin" / "python").absolute()), *packages])


def _interpreter(version: str) -> str:
    """Return pyenv's Python of a version, since uv does not look there, or the version for uv to find."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    return next((str(each) for each in pyenv.glob(f"versions/{version}.*/bin/python")), version)


def _python_version(folder: Path, name: str) -> str:
    folders = [str(each) for each in folder.glob("lib/python*/site-packages")]
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
