"""The commands up, down and status."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table

from app import wiring
from app.commands.watching import watch
from app.errors import UsageError
from app.stack.settings import StandSettings
from app.stack.stack import Stack
from app.stack.warehouse import connection_string
from app.stream.figures import ShardFigures, StreamWatch, summary

Kinesis = Annotated[
    str | None, typer.Option("--kinesis", help="`millrace`, or `stock` for LocalStack's own engine.")
]


def up(kinesis: Kinesis = None) -> None:
    """Start LocalStack and the warehouse, and wait until both answer."""
    console = Console()
    settings = StandSettings.from_env()
    if kinesis:
        settings = replace(settings, kinesis=kinesis)
        if Stack(settings).is_cloud_up:
            msg = "LocalStack is up, and changes its Kinesis at its start only; run `millrace down` first"
            raise UsageError(msg)
    with console.status("starting LocalStack and the warehouse"):
        started = Stack(settings).up()
    said = f"started: {', '.join(started)}" if started else "already up"
    console.print(f"{said}; AWS_ENDPOINT_URL={settings.endpoint_url}")
    console.print(f"Redshift: {connection_string(settings)}", highlight=False, soft_wrap=True)


def down() -> None:
    """Stop both, by their pids."""
    stopped = Stack(StandSettings.from_env()).down()
    Console().print(f"stopped: {', '.join(stopped)}" if stopped else "already down")


def status(
    is_watched: Annotated[bool, typer.Option("--watch", help="Look again and again, until Ctrl-C.")] = False,  # noqa: FBT002  # a flag of the command line
) -> None:
    """Show what runs; with --watch also what the stream does, shard by shard."""
    settings = StandSettings.from_env()
    console = Console()
    stream = StreamWatch(settings.metrics_port, wiring.CLOCK)
    if is_watched:
        watch(lambda: _watched(settings, stream))
    console.print(_servers(settings))
    console.print(f"Redshift: {connection_string(settings)}", highlight=False, soft_wrap=True)
    if (figures := stream.look()) is not None:
        console.print(f"stream: {summary(figures)}", highlight=False)


def _servers(settings: StandSettings) -> Table:
    table = Table("server", "port", "pid", "state", "memory")
    for server in Stack(settings).status():
        state = "ready" if server.is_ready else "down" if server.pid is None else "starting"
        pid = "-" if server.pid is None else str(server.pid)
        table.add_row(server.name, str(server.port), pid, state, f"{server.memory_bytes / 2**20:.0f} MiB")
    return table


def _watched(settings: StandSettings, stream: StreamWatch) -> Group:
    figures = stream.look()
    if figures is None:
        return Group(_servers(settings), _no_stream(settings))
    names = sorted({each.stream for each in figures})
    shards = [_shards(name, [each for each in figures if each.stream == name]) for name in names]
    rates = [each.records_per_second for each in figures if each.records_per_second is not None]
    rate = f"{sum(rates):,.0f} records/s; " if rates else ""
    units = f"{rate}behind, delay and batch in seconds, watermark in UTC"
    return Group(_servers(settings), *shards, summary(figures), units)


def _no_stream(settings: StandSettings) -> str:
    if not settings.metrics_port:
        return "the stream shows no metrics: MILLRACE_METRICS_PORT is 0"
    return f"no stream answers on port {settings.metrics_port}; `millrace stream` starts one"


def _shards(stream: str, figures: Sequence[ShardFigures]) -> Table:
    names = ("shard", "records", "per s", "rejects", "dup.", "behind", "delay", "watermark", "batch")
    table = Table(*names, title=stream, title_justify="left", box=SIMPLE_HEAD, padding=0, show_edge=False)
    for column in table.columns:
        column.justify = "right"
    for each in figures:
        counts = (each.records, each.records_per_second, each.rejects, each.duplicates)
        table.add_row(
            each.shard_id.removeprefix("shardId-").lstrip("0") or "0",
            *("-" if count is None else f"{count:,.0f}" for count in counts),
            *map(_seconds, (each.behind_seconds, each.delay_seconds)),
            "-" if each.watermark is None else f"{each.watermark:%Y-%m-%d %H:%M}",
            _seconds(each.batch_seconds),
        )
    return table


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:,.2f}"
