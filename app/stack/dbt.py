"""dbt, as a process of its own in an environment of its own: it builds the marts in the warehouse."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import StandError
from app.stack.settings import StandSettings
from app.stack.warehouse import authority
from runtime.settings import Settings

PROJECT = Path("warehouse/models")

_DONE = {"LogModelResult", "LogSnapshotResult", "LogTestResult"}


class DbtFailedError(StandError):
    """dbt ended with an error."""

    def __init__(self, command: str, reason: str, log: Path) -> None:
        """Keep which command, why, and where its log is."""
        super().__init__(command, reason, log)
        self.command = command
        self.reason = reason
        self.log = log

    def __str__(self) -> str:
        """Say which, why, and where its log is."""
        return f"`dbt {self.command}` failed: {self.reason}; its log is {self.log}"


@dataclass(frozen=True, slots=True)
class Done:
    """A model, snapshot or test that dbt has finished.

    Attributes:
        name: Its name.
        number: How many are finished with it.
        total: How many there are.
        materialized: What it became: `table`, `view`, `incremental`, `snapshot`, `test`.
    """

    name: str
    number: int
    total: int
    materialized: str


def build_models(settings: Settings, stand: StandSettings, on_done: Callable[[Done], None]) -> list[str]:
    """Build all models and snapshots, test all data, and return the names of the tables that were made.

    **Parallelism**: four models at a time, those that others read first. **Delivery**: each model is one
    transaction, and is replaced whole or not at all; a load is one as well, so a model never sees half of
    one. Models of one build may differ by a load that came in between: the next build brings them together.
    **On failure**: `DbtFailedError`; what a failed model or test lies below is not built and stays as it was.

    Args:
        settings: Where the warehouse is: the stand's, or what `PGHOST` and its siblings name on AWS.
        stand: Has dbt's environment; its home takes dbt's files and its log.
        on_done: Told of each model, snapshot and test.

    Raises:
        DbtFailedError: dbt ended with an error, or a test of the data failed.
    """
    tables = []
    for done in _run(["build", "--exclude-resource-type", "unit_test"], settings, stand, stand.home / "dbt"):
        on_done(done)
        if done.materialized in {"table", "incremental"}:
            tables.append(done.name)
    return sorted(tables)


def write_docs(settings: Settings, stand: StandSettings, folder: Path) -> Path:
    """Write the documentation of the models into a folder, and return its page, which needs no other file.

    Raises:
        DbtFailedError: dbt ended with an error.
    """
    list(_run(["docs", "generate", "--static"], settings, stand, folder))
    return folder / "static_index.html"


def _run(command: list[str], settings: Settings, stand: StandSettings, target: Path) -> Iterator[Done]:
    logs = stand.home.absolute() / "logs"
    arguments = [
        *("--log-format", "json", "--log-format-file", "text", "--log-path", str(logs)),
        *command,
        *("--project-dir", str(PROJECT.absolute()), "--profiles-dir", str(PROJECT.absolute())),
        *("--target-path", str(target.absolute())),
    ]
    log = logs / "dbt.log"
    if not stand.dbt.exists():
        raise DbtFailedError(command[0], "it is not installed; run `make setup`", log)
    reasons: list[str] = []
    with _started([str(stand.dbt), *arguments], environment(settings, stand)) as process:
        yield from _finished(process.stdout or (), reasons)
        exit_code = process.wait()
    if exit_code:
        raise DbtFailedError(command[0], _reason(reasons), log)


@contextmanager
def _started(command: list[str], environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """Start dbt in a session of its own, and end it with the block, Ctrl-C included."""
    with subprocess.Popen(  # noqa: S603  # our own project
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)


def _finished(lines: Iterable[str], reasons: list[str]) -> Iterator[Done]:
    """Return what dbt has finished, line by line of its log, and gather what it calls an error."""
    number = 0
    for line in lines:
        event = _event(line)
        if event["info"]["level"] == "error" and event["info"]["msg"].strip():
            reasons.append(event["info"]["msg"])
        if event["info"]["name"] in _DONE:
            number += 1
            node = event["data"]["node_info"]
            total = event["data"].get("total") or event["data"]["num_models"]
            yield Done(node["node_name"], number, total, node["materialized"])


def _event(line: str) -> dict[str, Any]:
    """Return a line of dbt's log; what is none, such as Python's own last words, is an error's text."""
    try:
        event: dict[str, Any] = json.loads(line)
        event["info"]["level"]  # or it is none
    except (ValueError, LookupError, TypeError):
        return {"info": {"level": "error", "name": "", "msg": line}}
    return event


def environment(settings: Settings, stand: StandSettings) -> dict[str, str]:
    """Return what dbt is told; beyond loopback the user names the warehouse, and whom to trust."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
    ours["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    if not settings.is_local:
        return ours
    return ours | {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(stand.warehouse_wire_port),
        "PGUSER": stand.database_user,
        "PGPASSWORD": stand.database_password,
        "PGDATABASE": stand.database,
        "PGSSLMODE": "verify-full",
        "SSL_CERT_FILE": str(authority(stand)),
    }


def _reason(reasons: list[str]) -> str:
    return " ".join((reasons or ["no word"])[0].split())[:300]
