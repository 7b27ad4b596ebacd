"""What a run says in the lake that it read and wrote, runs/<job>/<run>.json, as a table."""

import json
from datetime import date, datetime
from typing import Any

from rich.table import Table

from app.emr.runs import Run
from contracts.lake import run_records_prefix
from runtime.objects import Objects


def record_of(run: Run, days: tuple[date, date], lake: Objects) -> dict[str, Any] | None:
    """Return the record of a run of some dates; None where it wrote none.

    Spark has an id of its own for what EMR calls a run: it is the newest that began since the run was asked
    for.
    """
    dates = [day.isoformat() for day in days]
    records = (json.loads(lake.get(key)) for key in lake.keys(run_records_prefix(run.job)))
    own = [
        each
        for each in records
        if [each["from"], each["to"]] == dates and datetime.fromisoformat(each["began"]) >= run.created_at
    ]
    return max(own, key=lambda each: str(each["began"]), default=None)


def drawn(record: dict[str, Any]) -> Table:
    """Return a record as a table: each folder, and its rows."""
    title = f"{record['job']}, {record['from']} to {record['to']}: {record['seconds']:.1f} s in Spark"
    table = Table("", "folder", "rows", title=title)
    table.columns[2].justify = "right"
    for name, folders in (("read", record["inputs"]), ("written", record["outputs"])):
        for uri, rows in folders.items():
            table.add_row(name, uri, f"{rows:,}")
    return table
