"""Where a stream is to begin, as the command line says it."""

from datetime import datetime

from app.errors import UsageError
from pipelines.driver.start import START_TYPES, Start


class UnknownStartError(UsageError):
    """A stream cannot begin there."""

    def __init__(self, text: str, why: str) -> None:
        """Keep what was asked for, and what is wrong with it."""
        super().__init__(text, why)
        self.text = text
        self.why = why

    def __str__(self) -> str:
        """Say what is wrong, and what there is."""
        return (
            f"`start` {self.why}; got `{self.text}`: say TRIM_HORIZON, LATEST, or "
            "AT_TIMESTAMP=2026-01-31T12:00:00Z"
        )


def start_of(text: str, now: datetime) -> Start:
    """Return where a text says that a stream is to begin.

    >>> str(start_of("AT_TIMESTAMP=2026-01-31T12:00:00Z", datetime.fromisoformat("2026-02-01T00:00:00Z")))
    'AT_TIMESTAMP=2026-01-31T12:00:00.000+00:00'

    Raises:
        UnknownStartError: Kinesis has no such position for a whole stream, or the moment is none, has no zone
            or lies ahead.
    """
    word, _, moment = text.partition("=")
    if word in {"AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"}:
        raise UnknownStartError(text, "cannot be a sequence number, which is one shard's")
    start_type = next((each for each in START_TYPES if each == word), None)
    if start_type is None or bool(moment) != (start_type == "AT_TIMESTAMP"):
        raise UnknownStartError(text, "is none of Kinesis's")
    match start_type:
        case "AT_TIMESTAMP":
            return Start(start_type, _millis(_moment(text, moment, now)))
        case "LATEST":
            return Start(start_type, _millis(now))
    return Start(start_type)


def _moment(text: str, written: str, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise UnknownStartError(text, "has no such moment") from None
    if moment.tzinfo is None:
        raise UnknownStartError(text, "must say its zone, as Z or +01:00")
    if moment > now:
        raise UnknownStartError(text, "lies ahead")
    return moment


def _millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
