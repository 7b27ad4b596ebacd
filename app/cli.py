"""The command `millrace`: each command is a module of app/commands/."""

import os
import signal
import sys
import traceback
from collections.abc import Callable

import typer
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from app.commands import (
    backfill,
    bootstrap,
    demo,
    dlq,
    docs,
    functions,
    job,
    kinesis,
    load,
    logs,
    rejects,
    replay,
    report,
    sql,
    stack,
    stream,
)
from app.errors import StandError
from app.stack.settings import StandSettings
from contracts.errors import MillraceError
from localstack.bootstrap.change import BootstrapError
from runtime.settings import EndpointRefusedError, Settings

Command = Callable[..., None]

FAILED, REFUSED, INTERRUPTED = 1, 2, 130
_MISSING = {"NoSuchBucket", "ResourceNotFoundException"}

app = typer.Typer(
    help="Kinesis, Lambda, EMR and Redshift on one laptop.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
_STACK: tuple[Command, ...] = (stack.up, stack.down, stack.status, bootstrap.bootstrap)
_FLOW: tuple[Command, ...] = (replay.replay, stream.stream, load.load, demo.demo, report.report)
_LOOK: tuple[Command, ...] = (sql.sql, docs.docs)
_REPAIR: tuple[Command, ...] = (backfill.backfill,)
_LAMBDA: tuple[Command, ...] = (functions.functions, logs.logs)
for command in (*_STACK, *_FLOW, *_LOOK, *_REPAIR, *_LAMBDA):
    app.command()(command)
app.add_typer(job.job, name="job")
app.add_typer(kinesis.kinesis, name="kinesis")
app.add_typer(dlq.dlq, name="dlq")
app.add_typer(rejects.rejects, name="rejects")


@app.callback()
def point_here() -> None:
    """Point AWS clients to the local stack; refuse an endpoint beyond loopback that nobody allowed."""
    StandSettings.from_env().point_here()
    Settings.from_env()


def main() -> None:
    """Run a command; an error is one line and an exit code: 1 failed, 2 refused, 130 interrupted."""
    # A shell that starts us in the background has SIGINT ignored; whoever sends one means it.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.default_int_handler)
    try:
        exit_code = app(standalone_mode=False) or 0
    except Exception as error:  # noqa: BLE001  # the last handler: whatever it is becomes one line
        if os.environ.get("MILLRACE_DEBUG") == "1":
            traceback.print_exc()
        exit_code = _end(error)
    if exit_code == INTERRUPTED:  # typer makes this of a KeyboardInterrupt
        sys.stderr.write("millrace: interrupted; what is committed stays, start it again to go on\n")
    sys.exit(exit_code)


def _end(error: Exception) -> int:
    exit_code = FAILED
    message = str(error)
    match error:
        case typer._click.exceptions.ClickException():  # noqa: SLF001  # typer's own copy of click
            message, exit_code = error.format_message(), REFUSED
        case StandError():
            exit_code = error.exit_code
        case EndpointRefusedError() | ValueError():
            exit_code = REFUSED
        case EndpointConnectionError():
            message = f"the local cloud does not answer at {os.environ['AWS_ENDPOINT_URL']}; run `make up`"
        case ClientError() if error.response["Error"]["Code"] in _MISSING:
            message = f"{message}; run `millrace bootstrap`"
        case MillraceError() | BootstrapError() | ClientError() | BotoCoreError():
            pass
        case _:
            message = f"{type(error).__name__}: {message}"
    if message:  # `millrace` alone has shown its help
        sys.stderr.write(f"millrace: {message}\n")
    return exit_code
