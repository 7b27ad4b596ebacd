"""Why a driver failed, in a line."""

import re
import signal
from pathlib import Path

MOST_CHARACTERS = 256
"""Of EMR's stateDetails."""

_TAIL_BYTES = 256 * 1024
_SIGNALLED = 128
_TELLING = re.compile(r"^(error: |[\w.$]*(Error|Exception|Interrupt|Exit)\b)")


def reason(code: int, stdout: Path, stderr: Path) -> str:
    """Return why it failed: the last line that begins with an error, else that names one, else the last.

    What was printed comes before the log: spark-submit puts a Python script's traceback there. A driver that
    was killed could say nothing: its exit code is 128 and the signal's number.
    """
    if code - _SIGNALLED in set(signal.Signals):
        return f"its driver was killed by {signal.Signals(code - _SIGNALLED).name}"
    lines = [[line.strip() for line in _tail(path).splitlines() if line.strip()] for path in (stdout, stderr)]
    begins = [[line for line in each if _TELLING.match(line)] for each in lines]
    names = [[line for line in each if "Error" in line or "Exception" in line] for each in lines]
    found = next((each for each in (*begins, *names, *lines) if each), ["it said nothing"])
    return found[-1][:MOST_CHARACTERS]


def _tail(path: Path) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return file.read().decode("utf-8", "replace")
