"""A log read on and on: every line once, in its order."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.commands.logs import duration
from app.errors import UsageError
from app.functions.log_lines import LogReader


class Logs:
    """CloudWatch Logs with pages of two events."""

    class exceptions:  # noqa: N801  # as a client names it
        """A client's."""

        class ResourceNotFoundException(Exception):  # noqa: N818  # as above
            """There is no such group."""

    def __init__(self) -> None:
        """Have no group yet."""
        self.events: list[tuple[int, str]] | None = None

    def filter_log_events(self, **request: Any) -> dict[str, Any]:
        """Return a page."""
        if self.events is None:
            raise self.exceptions.ResourceNotFoundException
        found = [
            {"eventId": text, "timestamp": at, "message": f"{text}\n"}
            for at, text in self.events
            if at >= request["startTime"]
        ]
        first = int(request.get("nextToken", 0))
        more = {"nextToken": str(first + 2)} if len(found) > first + 2 else {}
        return {"events": found[first : first + 2]} | more


def test_each_line_is_read_once_in_the_order_of_time() -> None:
    """Of several streams, some of them behind, over pages, and of one millisecond."""
    logs = Logs()
    reader = LogReader(logs, "f")
    assert list(reader.read()) == []
    logs.events = [(50_000, "b"), (50_000, "c"), (49_000, "a")]
    assert [line.text for line in reader.read()] == ["a", "b", "c"]
    logs.events += [(60_000, "f"), (51_000, "e"), (50_000, "d")]
    assert [line.text for line in reader.read()] == ["d", "e", "f"]
    assert list(reader.read()) == []


def test_a_log_begins_where_it_is_asked_to() -> None:
    """Lines before are left out."""
    logs = Logs()
    logs.events = [(1_000, "old"), (60_000, "new")]
    (line,) = LogReader(logs, "f", datetime.fromtimestamp(30, UTC)).read()
    assert (line.text, line.at) == ("new", datetime(1970, 1, 1, 0, 1, tzinfo=UTC))


@pytest.mark.parametrize("text", ["", "10", "m", "-1m", "1w", "1.5h", "99999d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """By name."""
    with pytest.raises(UsageError, match="`since` must be a number and s, m, h or d, such as 10m; got"):
        duration(text)
