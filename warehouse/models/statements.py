"""The SQL beside this module: statements by file, with their placeholders filled."""

import re
from importlib.resources import files

_SAFE = re.compile(r"[\w\-./:=', ]*", re.ASCII)


def statements(path: str, **values: str) -> list[str]:
    """Return the statements of a file under warehouse/models/, placeholders like `{manifest}` filled.

    Raises:
        ValueError: A value holds a character that has no place in a path or a list of dates.
    """
    text = files("warehouse.models").joinpath(path).read_text(encoding="utf-8")
    for name, value in values.items():
        if not _SAFE.fullmatch(value):
            msg = f"`{name}` must be a path or a list of dates; got `{value!r}`"
            raise ValueError(msg)
        text = text.replace(f"{{{name}}}", value)
    return [statement.strip() for statement in text.split(";\n") if statement.strip()]


def names(folder: str) -> list[str]:
    """Return the names of the SQL files of a folder under warehouse/models/, without their ending."""
    entries = files("warehouse.models").joinpath(folder).iterdir()
    return sorted(entry.name.removesuffix(".sql") for entry in entries if entry.name.endswith(".sql"))
