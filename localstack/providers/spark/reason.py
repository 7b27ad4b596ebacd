"""Why a driver failed, in a line."""

import re
from collections.abc import Iterable
from pathlib import Path

MOST_CHARACTERS = 256
"""Of EMR's stateDetails."""

_TAIL_BYTES = 256 * 1024
_TELLING = re.compile(r"^(error: |[\w.$]*(Error|Exception|Interrupt|Exit)\b)")


def telling_line(lines: Iterable[str]) -> str:
    """Return the line that says most: the last that begins with an error, else the last that names one.

    Empty where there is no line at all.
    """
    texts = [line.strip() for line in lines if line.strip()]
    begins = [text for text in texts if _TELLING.match(text)]
    names = [text for text in texts if "Error" in text or "Exception" in text]
    return (begins or names or texts or [""])[-1][:MOST_CHARACTERS]


def reason(stdout: Path, stderr: Path) -> str:
    """Return why a driver failed, by its log, else by what it printed."""
    for path in (stderr, stdout):
        if line := telling_line(_tail(path).splitlines()):
            return line
    return "it said nothing"


def _tail(path: Path) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return file.read().decode("utf-8", "replace")
