"""The figures as tables for a terminal."""

from collections.abc import Sequence

from rich.console import Group
from rich.table import Table

from app.reconcile.reconcile import Reconciliation
from app.report.figures import Figures

BLOCKS = " ▁▂▃▄▅▆▇█"


def figure_rows(figures: Figures) -> list[tuple[str, str]]:
    """Return what happened: a name and a value each."""
    return [
        ("events sent", f"{figures.events_sent:,}"),
        ("duplicates injected / caught", f"{figures.duplicates_injected} / {figures.duplicates_caught}"),
        ("rejects injected / caught", f"{figures.rejects_injected} / {figures.rejects_caught}"),
        ("events lost / counted twice", f"{figures.events_lost} / {figures.events_twice}"),
        ("flights in the warehouse", f"{figures.flights_in_warehouse:,}"),
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
    for check in reconciliation.checks:
        counts = (check.expected_rows, check.cells, len(check.differences))
        table.add_row(check.table, *(f"{count:,}" for count in counts))
    return table


def cancellations(hours: Sequence[tuple[str, int]]) -> Table:
    """Return the flights that never departed, a block for each scheduled hour, one date a row.

    Args:
        hours: New York date and hour as `YYYY-MM-DD HH:…`, and how many never departed.
    """
    most = max((count for _, count in hours), default=0) or 1
    days: dict[str, list[int]] = {}
    for hour, count in hours:
        days.setdefault(hour[:10], [0] * 24)[int(hour[11:13])] += count
    table = Table("date", "never departed, by scheduled hour 0 to 23", "flights", title="Cancellations")
    for day, counts in sorted(days.items()):
        blocks = "".join(BLOCKS[-(-count * (len(BLOCKS) - 1) // most)] for count in counts)
        table.add_row(day, blocks, str(sum(counts)))
    return table


def summary(figures: Figures, reconciliation: Reconciliation, cancelled: Sequence[tuple[str, int]]) -> Group:
    """Return all that the demo shows at its end."""
    return Group(figures_table(figures), reconciliation_table(reconciliation), cancellations(cancelled))
