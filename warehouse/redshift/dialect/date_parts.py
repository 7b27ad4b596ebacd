"""Date parts under all their names.

Source: AWS, Amazon Redshift Database Developer Guide, "Date parts for date or timestamp functions".
"""

from warehouse.redshift.errors import RedshiftError

_NAMES = {
    "century": "c cent cents century centuries",
    "day": "d day days",
    "decade": "dec decs decade decades",
    "dow": "dayofweek dow dw weekday",
    "doy": "dayofyear doy dy yearday",
    "epoch": "epoch",
    "hour": "h hr hrs hour hours",
    "microsecond": "microsec microsecs microsecond usecond useconds us usec usecs microseconds",
    "millennium": "mil mils millennium millennia",
    "millisecond": "ms msec msecs msecond mseconds millisec millisecs millisecon millisecond milliseconds",
    "minute": "m min mins minute minutes",
    "month": "mon mons month months",
    "quarter": "qtr qtrs quarter quarters",
    "second": "s sec secs second seconds",
    "timezone": "timezone",
    "timezone_hour": "timezone_hour",
    "timezone_minute": "timezone_minute",
    "week": "w week weeks",
    "year": "y yr yrs year years",
}
PARTS = {name: part for part, names in _NAMES.items() for name in names.split()}
"""The part that a name means."""

STEPS = {
    "century": ("to_years", 100),
    "day": ("to_days", 1),
    "decade": ("to_years", 10),
    "hour": ("to_hours", 1),
    "microsecond": ("to_microseconds", 1),
    "millennium": ("to_years", 1000),
    "millisecond": ("to_microseconds", 1000),
    "minute": ("to_minutes", 1),
    "month": ("to_months", 1),
    "quarter": ("to_months", 3),
    "second": ("to_microseconds", 1_000_000),
    "week": ("to_days", 7),
    "year": ("to_years", 1),
}
"""DuckDB's function that makes an interval of a part, and how many of its units the part is."""


def part_of(name: str, function: str) -> str:
    """Return the part that a name means.

    Raises:
        RedshiftError: It is the name of none.
    """
    part = PARTS.get(name.lower())
    if part is None:
        msg = f'date part "{name}" is not one of {function}'
        raise RedshiftError(msg)
    return part
