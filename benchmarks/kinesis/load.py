"""What peers are asked: streams of four shards, filled fast, put to and read by boto3.

Only filling a stream to a level goes past boto3, whose serialisation would be the limit of every fast peer:
one prebuilt JSON body posted again and again, with a signature that no local engine checks. Whatever is
measured goes through boto3.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import orjson
import urllib3

from app.errors import StandError
from benchmarks.kinesis.records import SHARDS, SMALL_BATCH, body
from benchmarks.kinesis.running import Running
from benchmarks.running import CLOCK

if TYPE_CHECKING:
    from mypy_boto3_kinesis.type_defs import PutRecordsRequestEntryTypeDef

READ_LIMIT = 10_000
_ACTIVE_SECONDS = 30.0
_NUMBERS = count()
_SCOPE = "test/20260101/us-east-1/kinesis/aws4_request"
_HEADERS = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "Kinesis_20131202.PutRecords",
    "X-Amz-Date": "20260101T000000Z",
    "Authorization": f"AWS4-HMAC-SHA256 Credential={_SCOPE}, SignedHeaders=host, Signature=0",
}


@dataclass(slots=True)
class Stream:
    """A stream of a peer, and how many records it retains.

    Attributes:
        running: The peer.
        name: Never used before.
        retained: Records that were put.
    """

    running: Running
    name: str = field(default_factory=lambda: f"bench-{next(_NUMBERS)}")
    retained: int = 0

    def __post_init__(self) -> None:
        """Create it, and wait until it is active."""
        self.running.client.create_stream(StreamName=self.name, ShardCount=SHARDS)
        deadline = CLOCK.monotonic() + _ACTIVE_SECONDS
        while self._status() != "ACTIVE":
            if CLOCK.monotonic() > deadline:
                msg = f"{self.running.peer.name} did not make a stream active within {_ACTIVE_SECONDS:g} s"
                raise StandError(msg)
            CLOCK.sleep(0.05)

    def _status(self) -> str:
        description = self.running.client.describe_stream(StreamName=self.name)
        return description["StreamDescription"]["StreamStatus"]

    def delete(self) -> None:
        """Delete it."""
        self.running.client.delete_stream(StreamName=self.name)

    def put(self, records: "list[PutRecordsRequestEntryTypeDef]") -> dict[str, str]:
        """Put records by boto3, and return the last sequence number of each shard that took one.

        Raises:
            StandError: A record failed.
        """
        answer = self.running.client.put_records(StreamName=self.name, Records=records)
        self._check(answer)
        self.retained += len(records)
        return {each["ShardId"]: each["SequenceNumber"] for each in answer["Records"]}

    def fill(self, level: int, seconds: float) -> None:
        """Put small records, past boto3, up to a level or until the time is over."""
        deadline = CLOCK.monotonic() + seconds
        bodies = {
            size: body(self.name, size) for size in {SMALL_BATCH, (level - self.retained) % SMALL_BATCH}
        }
        with urllib3.HTTPConnectionPool("127.0.0.1", self.running.port, maxsize=1, timeout=120) as pool:
            while self.retained < level and CLOCK.monotonic() < deadline:
                records = min(SMALL_BATCH, level - self.retained)
                answer = pool.urlopen("POST", "/", bodies[records], _HEADERS, retries=False)
                if answer.status != 200:  # noqa: PLR2004  # OK
                    msg = f"{self.running.peer.name} answered {answer.status}: {answer.data[:200]!r}"
                    raise StandError(msg)
                self._check(orjson.loads(answer.data))
                self.retained += records

    def _check(self, answer: Mapping[str, object]) -> None:
        if answer.get("FailedRecordCount"):
            msg = f"{self.running.peer.name} refused {answer['FailedRecordCount']} records of {self.name}"
            raise StandError(msg)

    def shard_ids(self) -> list[str]:
        """Return its shards."""
        description = self.running.client.describe_stream(StreamName=self.name)
        return [each["ShardId"] for each in description["StreamDescription"]["Shards"]]

    def read_all(self, shard_id: str) -> int:
        """Read a shard from its start to its end, and return how many records that were."""
        kinesis = self.running.client
        iterator = kinesis.get_shard_iterator(
            StreamName=self.name, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records = 0
        while True:
            answer = kinesis.get_records(ShardIterator=iterator, Limit=READ_LIMIT)
            if not answer["Records"]:
                return records
            records += len(answer["Records"])
            iterator = answer["NextShardIterator"]

    def read_at(self, shard_id: str, sequence_number: str, records: int) -> int:
        """Read records from a position on, in one GetRecords, and return how many came."""
        kinesis = self.running.client
        iterator = kinesis.get_shard_iterator(
            StreamName=self.name,
            ShardId=shard_id,
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            StartingSequenceNumber=sequence_number,
        )["ShardIterator"]
        return len(kinesis.get_records(ShardIterator=iterator, Limit=records)["Records"])
