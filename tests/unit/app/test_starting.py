"""Where a stream begins, as a user writes it."""

from datetime import UTC, datetime

import pytest

from app.stream.starting import UnknownStartError, start_of
from pipelines.driver.start import Start

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
MILLIS = 1769860800000


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("TRIM_HORIZON", Start()),
        ("LATEST", Start("LATEST", MILLIS)),
        ("AT_TIMESTAMP=2026-01-31T11:59:59.250Z", Start("AT_TIMESTAMP", MILLIS - 750)),
        ("AT_TIMESTAMP=2026-01-31T13:00:00+01:00", Start("AT_TIMESTAMP", MILLIS)),
    ],
)
def test_a_start_is_read(text: str, start: Start) -> None:
    """In Kinesis's words, to the millisecond, in any zone that is said."""
    assert start_of(text, NOW) == start


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is none of Kinesis's"),
        ("latest", "is none of Kinesis's"),
        ("LATEST=1", "is none of Kinesis's"),
        ("AT_TIMESTAMP", "is none of Kinesis's"),
        ("AFTER_SEQUENCE_NUMBER=7", "one shard's"),
        ("AT_TIMESTAMP=yesterday", "has no such moment"),
        ("AT_TIMESTAMP=2026-02-30T00:00:00Z", "has no such moment"),
        ("AT_TIMESTAMP=2026-01-31T11:00:00", "must say its zone"),
        ("AT_TIMESTAMP=2026-01-31T12:00:01Z", "lies ahead"),
    ],
)
def test_what_is_no_start_is_refused(text: str, why: str) -> None:
    """With the reason, and with what there is."""
    with pytest.raises(UnknownStartError, match=rf"{why}.*say TRIM_HORIZON, LATEST") as refused:
        start_of(text, NOW)
    assert refused.value.exit_code == 2
