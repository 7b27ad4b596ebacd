"""Options that several commands share."""

from datetime import date, datetime
from typing import Annotated

import typer

STORM = (datetime(2013, 2, 7), datetime(2013, 2, 10))  # noqa: DTZ001  # dates, which typer reads as datetimes

_FORMATS = ["%Y-%m-%d"]
First = Annotated[datetime, typer.Option("--from", formats=_FORMATS, help="First New York date, in 2013.")]
Last = Annotated[datetime, typer.Option("--to", formats=_FORMATS, help="Last New York date, included.")]
SpeedText = Annotated[
    str, typer.Option("--speed", help="`max`, or a factor: 3600 is one hour of the source a second.")
]


def dates(first: datetime, last: datetime) -> tuple[date, date]:
    """Return two options as dates the source has something for.

    Raises:
        ValueError: See `check_dates`.
    """
    from app.replay.source import check_dates  # noqa: PLC0415  # Arrow takes a moment

    check_dates(first.date(), last.date())
    return first.date(), last.date()
