"""One stream of a table: one shard, open for as long as the stream is.

AWS splits shards as a table grows and closes each after some hours; here one holds everything, so the order
of all changes is kept, which AWS promises for each item only.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import orjson

from localstack.providers.dynamodb.images import event_name, stream_record
from localstack.providers.dynamodb.log import Log
from localstack.providers.dynamodb.sizes import Item

RETENTION_SECONDS = 24 * 3600
TTL_IDENTITY = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
"""Who deletes an item that has expired, as GetRecords writes it; Lambda's event has type and principalId."""
_FIRST_FACTOR = 10**15


@dataclass(slots=True)
class Stream:
    """A stream and its records.

    Attributes:
        table_name: Of the table.
        table_arn: Of the table.
        label: Which of the table's streams it is: when it was enabled.
        view: StreamViewType.
        key_schema: The table's.
        created: When it was enabled, in seconds.
        closed: When it was disabled or its table deleted, in seconds; None while it is open.
    """

    table_name: str
    table_arn: str
    label: str
    view: str
    key_schema: list[dict[str, str]]
    created: float
    closed: float | None = None
    log: Log = field(default_factory=Log)

    @property
    def arn(self) -> str:
        """Return the StreamArn."""
        return f"{self.table_arn}/stream/{self.label}"

    @property
    def shard_id(self) -> str:
        """Return the name of the one shard; AWS's have 20 digits, a hyphen and eight more."""
        millis = int(self.created * 1000)
        return f"shardId-{millis:020}-{blake2b(self.arn.encode(), digest_size=4).hexdigest()}"

    def number(self, position: int) -> str:
        """Return the sequence number at a position: 28 digits, rising, of a later stream larger.

        >>> stream = Stream("t", "arn", "l", "KEYS_ONLY", [], created=1_700_000_000.5)
        >>> stream.number(0), stream.position(stream.number(7))
        ('1700000000500000000000000001', 7)
        """
        return str(int(self.created * 1000) * _FIRST_FACTOR + position + 1)

    def position(self, number: str) -> int:
        """Return what `number` was made from."""
        return int(number) - 1 - int(self.created * 1000) * _FIRST_FACTOR

    def append(
        self, old: Item | None, new: Item | None, now: float, identity: Mapping[str, str] | None = None
    ) -> None:
        """Record a change; the time is rounded down to the second, as AWS says."""
        names = [key["AttributeName"] for key in self.key_schema]
        record: dict[str, Any] = {
            "eventName": event_name(old, new),
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": self.table_arn.split(":")[3],
            "dynamodb": {
                "ApproximateCreationDateTime": int(now),
                "SequenceNumber": self.number(self.log.end),
                **stream_record(self.view, names, old, new),
            },
        }
        if identity:
            record["userIdentity"] = identity
        self.log.trim(now - RETENTION_SECONDS)
        self.log.append(orjson.dumps(record), now)

    def read(self, position: int, limit: int, max_bytes: int) -> list[bytes]:
        """Return records as GetRecords does, in JSON."""
        lines = self.log.read(position, limit, max_bytes)
        return [
            b'{"eventID":"%b",%b' % (self._event_id(position + index), line[1:])
            for index, line in enumerate(lines)
        ]

    def describe(self) -> dict[str, Any]:
        """Return the StreamDescription."""
        numbers = {"StartingSequenceNumber": self.number(self.log.first)}
        if self.closed is not None:
            numbers["EndingSequenceNumber"] = self.number(max(self.log.end - 1, self.log.first))
        return {
            **self.summary(),
            "StreamStatus": "ENABLED" if self.closed is None else "DISABLED",
            "StreamViewType": self.view,
            "CreationRequestDateTime": self.created,
            "KeySchema": self.key_schema,
            "Shards": [{"ShardId": self.shard_id, "SequenceNumberRange": numbers}],
        }

    def summary(self) -> dict[str, Any]:
        """Return what ListStreams says."""
        return {"StreamArn": self.arn, "TableName": self.table_name, "StreamLabel": self.label}

    def _event_id(self, position: int) -> bytes:
        return blake2b(f"{self.arn}/{position}".encode(), digest_size=16).hexdigest().encode()
