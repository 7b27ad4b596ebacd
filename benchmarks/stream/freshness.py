"""Freshness: from a record's arrival in Kinesis to the commit of its load, at a rate that is held."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
from rich.console import Console

from app import wiring
from app.commands.bootstrap import deploy_functions, leave_out_board
from app.demo.flow import flow
from app.demo.stream_process import StreamProcess
from app.replay.faults import NO_FAULTS, Outgoing
from app.replay.replay import Speed
from app.report.freshness import freshness_millis
from benchmarks.stream.events import as_outgoing
from benchmarks.stream.lines import read_events
from contracts.streams import FLIGHT_EVENTS_STREAM
from runtime.settings import Settings

_SHARES = (50, 90, 99, 100)


@dataclass(frozen=True, slots=True)
class Freshness:
    """What was found.

    Attributes:
        asked_rate: Events a second that were to be sent, each as a record.
        rate: That were.
        seconds: How long.
        events: Whose freshness is known; all that were sent.
        percentiles: Seconds that so many percent of all do not exceed.
    """

    asked_rate: int
    rate: float
    seconds: float
    events: int
    percentiles: dict[int, float]


def freshness(file: Path, rate: int, seconds: int, log: Path, console: Console) -> Freshness:
    """Send events evenly to an empty stack that is prepared, and weigh the freshness of each.

    The stream is a process of its own, and the function load-warehouse loads, as in the demo.
    """
    settings = Settings.from_env()
    deploy_functions(settings)
    leave_out_board()
    records = evenly(as_outgoing(read_events(file, rate * seconds)), rate)
    with StreamProcess(log) as stream:
        stream.wait_until_streaming()
        sent = flow(stream, records, Speed(1.0), settings, console, plan=NO_FAULTS)
    millis = freshness_millis(wiring.lake(settings), wiring.warehouse(settings).query, [FLIGHT_EVENTS_STREAM])
    found = {share: float(np.percentile(millis, share)) / 1000 for share in _SHARES}
    return Freshness(rate, len(records) / sent.seconds, sent.seconds, len(millis), found)


def evenly(records: Sequence[Outgoing], rate: int) -> list[Outgoing]:
    """Return records that are due one after the other, so many a second."""
    first = records[0].due
    return [
        replace(record, due=first + timedelta(seconds=place / rate)) for place, record in enumerate(records)
    ]
