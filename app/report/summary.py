"""The figures as tables for a terminal."""

from collections.abc import Sequence

from rich.console import Group
from rich.table import Table

from app.reconcile.reconcile import Reconciliation
from app.report.figures import Figures

BLOCKS = " ▁▂▃▄▅▆▇█"
HOURS = "0     6     12    18    "
"""Over 24 blocks: where the quarters of the day begin, New York time."""

MOST_DAYS = 14


def figure_rows(figures: Figures) -> list[tuple[str, str]]:
    """Return what happened: a name and a value each."""
    board = [
        ("flights on the board", f"{figures.flights_on_board:,}"),
        ("delay alerts raised", f"{figures.alerts:,}"),
        ("poison injected / dead letters", f"{figures.poison_injected} / {figures.dead_letters}"),
        ("throttled, then recovered", f"{figures.throttles} times"),
    ]
    return [
        ("events sent", f"{figures.events_sent:,}"),
        ("duplicates injected / caught", f"{figures.duplicates_injected} / {figures.duplicates_caught}"),
        ("rejects injected / caught", f"{figures.rejects_injected} / {figures.rejects_caught}"),
        ("events lost / counted twice", f"{figures.events_lost} / {figures.events_twice}"),
        ("flights in the warehouse", f"{figures.flights_in_warehouse:,}"),
        *(board if figures.flights_on_board else ()),
        ("records a second, sent to loaded", f"{figures.records_per_second:,.0f}"),
        ("freshness p50 / p99", f"{figures.freshness_p50_ms:,.0f} / {figures.freshness_p99_ms:,.0f} ms"),
        ("reconciled with the source", "yes" if figures.reconciled else "NO"),
        ("wall time", f"{figures.wall_seconds:.1f} s"),
    ]


def figures_table(figures: Figures) -> Table:
    """Return what happened, one figure a row."""
    table = Table("what happened", "", title="Millrace demo")
    table.columns[1].justify = "right"
    for name, value in figure_rows(figures):
        table.add_row(name, value)
    return table


def reconciliation_table(reconciliation: Reconciliation) -> Table:
    """Return what was compared, one table a row."""
    table = Table("table", "rows", "cells compared", "differences", title="Against the source, cell by cell")
    for column in table.columns[1:]:
        column.justify = "right"
    for check in reconciliation.checks:
        counts = (check.expected_rows, check.cells, len(check.differences))
        table.add_row(
            check.table, *(f"{count:,}" for count in counts), style="red" if check.differences else ""
        )
    return table


def cancellations(hours: Sequence[tuple[str, int]]) -> Table:
    """Return the flights that never departed, a block for each scheduled hour, one date a row.

    Of many dates those with the most such flights are shown.

    Args:
        hours: New York date and hour as `YYYY-MM-DD HH:…`, and how many never departed.
    """
    days: dict[str, list[int]] = {}
    for hour, count in hours:
        days.setdefault(hour[:10], [0] * 24)[int(hour[11:13])] += count
    worst = sorted(days, key=lambda day: sum(days[day]), reverse=True)[:MOST_DAYS]
    most = max((count for day in worst for count in days[day]), default=0)
    total = sum(count for _, count in hours)
    table = Table("date", HOURS, "flights", title=f"Flights that never departed: {total:,}")
    table.caption = "by scheduled hour"
    if len(days) > len(worst):
        table.caption += f"; the worst {MOST_DAYS} of {len(days)} days"
    table.columns[1].no_wrap = True
    table.columns[2].justify = "right"
    for day in sorted(worst):
        blocks = "".join(BLOCKS[-(-count * (len(BLOCKS) - 1) // most)] for count in days[day])
        table.add_row(day, blocks, f"{sum(days[day]):,}")
    return table


def summary(figures: Figures, reconciliation: Reconciliation, cancelled: Sequence[tuple[str, int]]) -> Group:
    """Return all that the demo shows at its end."""
    return Group(figures_table(figures), reconciliation_table(reconciliation), cancellations(cancelled))
