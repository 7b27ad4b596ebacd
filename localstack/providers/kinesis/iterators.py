"""Shard iterators: a place in a shard, opaque to the caller, good for five minutes and across restarts."""

import base64
from dataclasses import dataclass
from hashlib import blake2b

from localstack.providers.kinesis.errors import KinesisError, invalid

LIFETIME_MILLIS = 300_000
_DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True)
class ShardIterator:
    """Where the next GetRecords begins.

    Attributes:
        stream_id: Identity.id of the stream.
        stream_name: For messages.
        shard_index: Shard.index.
        position: Position in the shard's log.
        issued_millis: When it was given out.
    """

    stream_id: str
    stream_name: str
    shard_index: int
    position: int
    issued_millis: int

    def encode(self) -> str:
        """Return it as the caller sees it."""
        text = f"{self.stream_id}/{self.stream_name}/{self.shard_index}/{self.position}/{self.issued_millis}"
        payload = text.encode()
        return base64.b64encode(_digest(payload) + payload).decode()

    @classmethod
    def decode(cls, text: str, now_millis: int) -> "ShardIterator":
        """Read what `encode` wrote.

        Raises:
            KinesisError: InvalidArgumentException, it is no iterator; ExpiredIteratorException, it is too
                old.
        """
        try:
            raw = base64.b64decode(text, validate=True)
            payload = raw[_DIGEST_BYTES:]
            stream_id, name, index, position, issued = payload.decode().split("/")
        except ValueError:
            raise invalid("Invalid ShardIterator.") from None
        if raw[:_DIGEST_BYTES] != _digest(payload):
            raise invalid("Invalid ShardIterator.")
        if now_millis - int(issued) > LIFETIME_MILLIS:
            message = (
                f"Iterator expired. The iterator was created at time {issued} while right now it is "
                f"{now_millis} which is further in the future than the tolerated delay of {LIFETIME_MILLIS} "
                "milliseconds."
            )
            raise KinesisError("ExpiredIteratorException", message)
        return cls(stream_id, name, int(index), int(position), int(issued))


def _digest(payload: bytes) -> bytes:
    return blake2b(payload, digest_size=_DIGEST_BYTES, person=b"kinesis-iterator").digest()
