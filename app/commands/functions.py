"""The command functions."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from app.commands.watching import watch
from app.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.functions.figures import FunctionFigures


def functions(
    is_watched: Annotated[bool, typer.Option("--watch", help="Look again and again, until Ctrl-C.")] = False,  # noqa: FBT002  # a flag of the command line
    is_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002  # as above
) -> None:
    """Show what each Lambda function did in the last day, and what that would have cost on AWS."""
    from app.functions.figures import FunctionWatch  # noqa: PLC0415  # numpy takes a moment

    if is_json and is_watched:
        msg = "`--json` is printed once, and `--watch` never ends: give one of them"
        raise UsageError(msg)
    figures = FunctionWatch()
    if is_json:
        typer.echo(orjson.dumps([asdict(each) for each in figures.look()], option=orjson.OPT_INDENT_2))
        return
    if is_watched:
        watch(lambda: _table(figures.look()))
    Console().print(_table(figures.look()))


def _table(figures: "Sequence[FunctionFigures]") -> Table:
    from app.functions.prices import prices  # noqa: PLC0415  # read only where it is shown

    names = ("function", "runs", "errors", "throttled", "cold", "p50", "p99", "age", "on AWS")
    table = Table(*names, title="Lambda functions", padding=(0, 0, 0, 1))
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    for each in figures:
        counts = (each.invocations, each.errors, each.throttles, each.cold_starts)
        table.add_row(
            each.name,
            *(f"{count:,}" for count in counts),
            *map(_shown, (each.p50_ms, each.p99_ms, each.iterator_age_ms)),
            f"${each.cost_usd:.6f}",
        )
    table.caption = (
        "the last day; p50, p99, age (the largest of 24 minutes) in ms; "
        f"prices of {prices().date}, {prices().region}, no free tier"
    )
    return table


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"
