"""The command sql: SQL at the warehouse, in psql where it is there, else in a prompt of our own."""

import os
import shutil
import subprocess
from contextlib import closing
from importlib import import_module
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app.errors import StandError, UsageError
from app.stack.settings import StandSettings
from app.stack.stack import Stack
from app.stack.warehouse import authority, connection_string

_DRIVER = "redshift_connector"
"""AWS's own; brought in when it is used, as it takes half a second that other commands need not wait."""
_PROMPT, _MORE = "redshift> ", "      ... "


class SqlError(StandError):
    """The warehouse refused a statement."""

    def __init__(self, words: str, sqlstate: str) -> None:
        """Keep what it said."""
        super().__init__(words, sqlstate)
        self.words = words
        self.sqlstate = sqlstate

    def __str__(self) -> str:
        """Say it with its SQLSTATE."""
        return f"{self.words} (SQLSTATE {self.sqlstate})"


def sql(
    statement: Annotated[str | None, typer.Argument(help="One statement; else a prompt opens.")] = None,
    is_plain: Annotated[bool, typer.Option("--plain", help="Our own prompt, psql or not.")] = False,  # noqa: FBT002  # a flag of the command line
) -> None:
    """Run SQL at the warehouse, and say how any client of Redshift connects to it."""
    settings = StandSettings.from_env()
    if not Stack(settings).is_warehouse_up:
        msg = "the warehouse is down; `millrace up` starts it"
        raise UsageError(msg)
    console = Console()
    if statement:
        with closing(_connect(settings)) as connection:
            _run(console, connection, statement)
        return
    console.print(f"{connection_string(settings)}\npassword: {settings.database_password}", soft_wrap=True)
    psql = None if is_plain else shutil.which("psql")
    if psql:
        environment = os.environ | {"PGPASSWORD": settings.database_password}
        subprocess.run([psql, connection_string(settings)], env=environment, check=False)  # noqa: S603  # psql
        return
    with closing(_connect(settings)) as connection:
        _prompt(console, connection)


def _connect(settings: StandSettings) -> Any:
    os.environ["SSL_CERT_FILE"] = str(authority(settings))  # for this process, which ends with the command
    connection = import_module(_DRIVER).connect(
        host="127.0.0.1",
        port=settings.warehouse_wire_port,
        user=settings.database_user,
        password=settings.database_password,
        database=settings.database,
        application_name="millrace sql",
    )
    connection.autocommit = True
    return connection


def _prompt(console: Console, connection: Any) -> None:
    """Read statements, each up to its semicolon, until the end of input."""
    lines: list[str] = []
    while True:
        try:
            line = console.input(_MORE if lines else _PROMPT)
        except EOFError:
            return
        if not lines and line.strip() in {"", "\\q", "exit", "quit"}:
            if line.strip():
                return
            continue
        lines.append(line)
        if line.rstrip().endswith(";"):
            try:
                _run(console, connection, "\n".join(lines))
            except SqlError as error:
                console.print(f"error: {error}", markup=False)
            lines = []


def _run(console: Console, connection: Any, statement: str) -> None:
    """Run one statement and print what it gave.

    Raises:
        SqlError: The warehouse refused it.
    """
    with connection.cursor() as cursor:
        try:
            cursor.execute(statement.strip().rstrip(";"))
        except import_module(_DRIVER).Error as error:
            raise _refusal(error) from None
        rows = cursor.fetchall() if cursor.description else None
        if rows is None:
            count = cursor.rowcount
            console.print("done" if count < 0 else f"done, {count} rows")
            return
        table = Table(*(_text(column[0]) for column in cursor.description))
        for row in rows:
            table.add_row(*map(_text, row))
        console.print(table)
        console.print(f"({len(rows)} rows)", highlight=False)


def _text(value: Any) -> str:
    if value is None:
        return "[dim]null[/dim]"
    text = value.decode() if isinstance(value, bytes) else str(value)
    return text.replace("[", "\\[")


def _refusal(error: Exception) -> SqlError:
    """Return what the warehouse said of a statement, without the protocol around it."""
    said = error.args[0] if error.args else None
    return SqlError(said["M"], said["C"]) if isinstance(said, dict) else SqlError(str(error), "08000")
