"""The commands kinesis limits and kinesis faults: switches of the local Kinesis, as tags of its streams."""

from typing import Annotated, Any

import localstack_client.session
import typer
from rich.console import Console
from rich.table import Table

from app import wiring
from app.errors import UsageError

PREFIX = "millrace:"
FAULTS = ("error-rate", "latency-ms", "dead-shard", "dead-until", "seed")

kinesis = typer.Typer(
    help="Switch shard limits and faults of the local Kinesis on and off.", no_args_is_help=True
)

Stream = Annotated[str | None, typer.Option("--stream", help="One stream; else all of them.")]


@kinesis.command()
def limits(
    state: Annotated[
        str, typer.Argument(help="`on`: a shard's throughput is limited as on AWS. `off`: it is not.")
    ],
    stream: Stream = None,
) -> None:
    """Limit each shard to what AWS documents: 1,000 records and 1 MiB a second in, 2 MiB and 5 reads out."""
    if state not in ("on", "off"):
        msg = f"`limits` must be on or off; got `{state}`"
        raise UsageError(msg)
    client = _client()
    for name in _streams(client, stream):
        _tag(client, name, {"limits": state})
    _show(client, stream)


@kinesis.command()
def faults(  # noqa: PLR0913, PLR0917  # one option a switch
    error_rate: Annotated[
        float | None, typer.Option(help="Share of records and calls that fail, 0 to 1.")
    ] = None,
    latency_ms: Annotated[int | None, typer.Option(help="Milliseconds that each put and get waits.")] = None,
    dead_shard: Annotated[str | None, typer.Option(help="ShardId that answers nothing.")] = None,
    dead_seconds: Annotated[float | None, typer.Option(help="How long; else until --off.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same faults again.")] = None,
    stream: Stream = None,
    off: Annotated[bool, typer.Option("--off", help="Take all faults back.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Make the local Kinesis fail; without an option, show how it does."""
    dead_until = None if dead_seconds is None else wiring.CLOCK.now().timestamp() + dead_seconds
    given = zip(FAULTS, (error_rate, latency_ms, dead_shard, dead_until, seed), strict=True)
    switches = {name: str(value) for name, value in given if value is not None}
    if off and switches:
        msg = "`--off` takes all faults back; it goes with no other option"
        raise UsageError(msg)
    if dead_seconds is not None and dead_shard is None:
        msg = "`--dead-seconds` needs `--dead-shard`"
        raise UsageError(msg)
    client = _client()
    for name in _streams(client, stream):
        if off:
            client.remove_tags_from_stream(StreamName=name, TagKeys=[PREFIX + fault for fault in FAULTS])
        elif switches:
            if dead_shard and dead_seconds is None:
                client.remove_tags_from_stream(StreamName=name, TagKeys=[f"{PREFIX}dead-until"])
            _tag(client, name, switches)
    _show(client, stream)


def _client() -> Any:
    session: Any = localstack_client.session.Session()
    return session.client("kinesis")


def _streams(client: Any, stream: str | None) -> list[str]:
    if stream:
        return [stream]
    pages = client.get_paginator("list_streams").paginate()
    return [name for page in pages for name in page["StreamNames"]]


def _tag(client: Any, stream: str, switches: dict[str, str]) -> None:
    client.add_tags_to_stream(
        StreamName=stream, Tags={PREFIX + name: value for name, value in switches.items()}
    )


def _show(client: Any, stream: str | None) -> None:
    table = Table("stream", "limits", *FAULTS)
    for name in _streams(client, stream):
        tags = {each["Key"]: each["Value"] for each in client.list_tags_for_stream(StreamName=name)["Tags"]}
        table.add_row(
            name, tags.get(PREFIX + "limits", "off"), *(tags.get(PREFIX + each, "-") for each in FAULTS)
        )
    Console().print(table)
