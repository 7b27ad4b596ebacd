"""Reads a shard through the stream's API; the pollers know how their API is asked."""

import base64
import logging
from collections.abc import Callable
from typing import Any, Protocol

from localstack.providers.lambda_mapping.delivery import Record
from localstack.providers.lambda_mapping.shard import Page

_LOGGER = logging.getLogger(__name__)
_LATE_SECONDS = 0.5
"""What arrived so long before a read that found the shard's end was in it, whatever was being written."""


class Stream(Protocol):
    """A stream, as a reader needs it."""

    def created(self) -> str:
        """Return which of the streams that had this name it is."""

    def shard_iterator(self, shard_id: str, start: dict[str, Any]) -> str:
        """Return an iterator."""

    def fetch(self, iterator: str) -> dict[str, Any]:
        """Read on from an iterator."""

    def records(self, shard_id: str, raw: list[dict[str, Any]]) -> list[Record]:
        """Return the records as the function gets them, those among them that it is not to get."""


class StreamReader:
    """Reads one shard, again and again from its last record where that fails.

    **On failure**: it is logged once, and nothing was read. Of another stream that was made under the same
    name nothing is read.
    """

    def __init__(
        self, stream: Stream, shard_id: str, start: dict[str, Any], now: Callable[[], float]
    ) -> None:
        """Begin where GetShardIterator's arguments say."""
        self._stream = stream
        self._shard_id = shard_id
        self._start = start
        self._now = now
        self._created: str | None = None
        self._iterator: str | None = None
        self._trouble = ""

    def read(self) -> Page:
        """See `Reader.read`."""
        began = self._now()
        try:
            if self._iterator is None and not self._begin():
                return Page()
            answer = self._stream.fetch(str(self._iterator))
            raw = answer["Records"]
            records = self._stream.records(self._shard_id, raw)
        except Exception as error:  # noqa: BLE001  # whatever it is, it must not end the shard's thread
            if str(error) != self._trouble:
                _LOGGER.warning("%s is read again from its last record: %s", self._shard_id, error)
            self._trouble, self._iterator = str(error), None
            return Page()
        self._trouble = ""
        if raw:
            last = raw[-1]
            self._start = after(last.get("SequenceNumber") or last["dynamodb"]["SequenceNumber"])
        self._iterator = answer.get("NextShardIterator")
        is_at_end = answer["MillisBehindLatest"] == 0 if "MillisBehindLatest" in answer else not raw
        return Page(records, self._iterator is None, began - _LATE_SECONDS if is_at_end else 0.0)

    def _begin(self) -> bool:
        created = self._stream.created()
        if self._created not in (None, created):
            return False
        self._created = created
        self._iterator = self._stream.shard_iterator(self._shard_id, self._start)
        return True


def after(number: str) -> dict[str, Any]:
    """Return GetShardIterator's arguments for what follows a record."""
    return {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": number}


def plain(value: Any) -> Any:
    """Return a value with its bytes in base64, as JSON has them."""
    match value:
        case dict():
            return {name: plain(each) for name, each in value.items()}
        case list():
            return [plain(each) for each in value]
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            return value
