"""The SQL beside this module: statements by file, and the literals that fill their placeholders."""

import re
from datetime import UTC, date, datetime
from importlib.resources import files

_PLACEHOLDER = re.compile(r"\{\{ (\w+) \}\}")


def statements(path: str, **fragments: str) -> list[str]:
    """Return the statements of a file under warehouse/models/, each `{{ name }}` replaced by its fragment.

    Fragments are put together from `text_literal` and its siblings, and from nothing else.

    Raises:
        KeyError: A placeholder of the file has no fragment.
    """
    text = files("warehouse.models").joinpath(path).read_text(encoding="utf-8")
    return [
        _PLACEHOLDER.sub(lambda found: fragments[found[1]], statement.strip())
        for statement in text.split(";\n")
        if statement.strip()
    ]


def names(folder: str) -> list[str]:
    """Return the names of the SQL files of a folder under warehouse/models/, without their ending."""
    entries = files("warehouse.models").joinpath(folder).iterdir()
    return sorted(entry.name.removesuffix(".sql") for entry in entries if entry.name.endswith(".sql"))


def text_literal(text: str) -> str:
    r"""Write a text as SQL.

    >>> text_literal("it's")
    "'it''s'"

    Raises:
        ValueError: It holds a backslash, with which Redshift escapes, or anything but printable ASCII.
    """
    if "\\" in text or not (text.isascii() and text.isprintable()):
        msg = f"`text` must be printable ASCII without a backslash to stand in SQL; got `{text!r}`"
        raise ValueError(msg)
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def date_literal(day: date) -> str:
    """Write a date as SQL.

    >>> date_literal(date(2013, 2, 8))
    "date '2013-02-08'"
    """
    return f"date '{day:%Y-%m-%d}'"


def timestamp_literal(time: datetime | None) -> str:
    """Write a time as SQL, in UTC and without its zone, as the warehouse keeps times.

    >>> timestamp_literal(datetime(2013, 2, 8, 12, tzinfo=UTC))
    "timestamp '2013-02-08 12:00:00.000000'"
    """
    if time is None:
        return "null::timestamp"
    return f"timestamp '{time.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}'"
