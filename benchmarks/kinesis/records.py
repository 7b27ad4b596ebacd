"""The records that are put: random bytes, and keys that go round the shards evenly."""

import base64
import hashlib
from collections.abc import Iterator
from itertools import count
from random import Random
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from mypy_boto3_kinesis.type_defs import PutRecordsRequestEntryTypeDef

SHARDS = 4
SMALL_BYTES = 200
SMALL_BATCH = 500
LARGE_BYTES = 50_000
LARGE_BATCH = 10


def batch(records: int, size: int) -> "list[PutRecordsRequestEntryTypeDef]":
    """Return records for boto3; they are the same in every run."""
    return [{"Data": data, "PartitionKey": key} for key, data in _records(records, size)]


def body(stream: str, records: int) -> bytes:
    """Return the JSON of a PutRecords of small records."""
    entries = [
        {"Data": base64.b64encode(data).decode(), "PartitionKey": key}
        for key, data in _records(records, SMALL_BYTES)
    ]
    return orjson.dumps({"StreamName": stream, "Records": entries})


def _records(records: int, size: int) -> list[tuple[str, bytes]]:
    data, keys = Random(0), even_keys()  # noqa: S311  # a payload, no secret
    return [(next(keys), data.randbytes(size)) for _ in range(records)]


def even_keys() -> Iterator[str]:
    """Yield keys whose MD5 falls into the first shard, the second, and so on round."""
    wanted = 0
    for number in count():
        key = f"key-{number}"
        first_byte = hashlib.md5(key.encode(), usedforsecurity=False).digest()[0]
        if first_byte * SHARDS // 256 == wanted % SHARDS:
            wanted += 1
            yield key
