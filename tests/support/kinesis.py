"""Kinesis without a server: the engine called as boto3 would call it."""

import base64
from pathlib import Path
from typing import Any

import orjson
import pytest

from localstack.providers.kinesis.engine import Engine
from localstack.providers.kinesis.world import Caller

CALLER = Caller("000000000000", "us-east-1")


class Clock:
    """A clock that moves by hand; who sleeps moves it."""

    def __init__(self) -> None:
        """Start in 2026."""
        self.now = 1_780_000_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move on."""
        self.slept.append(seconds)
        self.now += seconds


class Kinesis:
    """The engine in a folder, with answers decoded."""

    def __init__(self, folder: Path, clock: Clock, *, fsync: bool = False) -> None:
        """Open the folder."""
        self.folder = folder
        self.clock = clock
        self.engine = Engine(folder, fsync=fsync, clock=clock, sleep=clock.sleep)

    def __call__(self, operation: str, *, caller: Caller = CALLER, **request: Any) -> dict[str, Any]:
        """Call an operation."""
        answer = self.engine.call(operation, request, caller)
        return dict(orjson.loads(answer)) if answer else {}

    def reopened(self) -> "Kinesis":
        """Return what a process finds that starts after this one was killed."""
        return Kinesis(self.folder, self.clock)

    def create(self, shards: int = 1, name: str = "s") -> str:
        """Create a stream, and return its ARN."""
        self("CreateStream", StreamName=name, ShardCount=shards)
        return str(self("DescribeStreamSummary", StreamName=name)["StreamDescriptionSummary"]["StreamARN"])

    def put(self, *keys: str, name: str = "s") -> list[dict[str, Any]]:
        """Put a record for each partition key, whose data is the key, and return the results."""
        records = [{"Data": blob(key), "PartitionKey": key} for key in keys]
        return list(self("PutRecords", StreamName=name, Records=records)["Records"])

    def shards(self, name: str = "s", **request: Any) -> list[dict[str, Any]]:
        """List shards."""
        return list(self("ListShards", StreamName=name, **request)["Shards"])

    def iterator(self, shard_id: str, kind: str = "TRIM_HORIZON", name: str = "s", **request: Any) -> str:
        """Return an iterator."""
        request |= {"StreamName": name, "ShardId": shard_id, "ShardIteratorType": kind}
        return str(self("GetShardIterator", **request)["ShardIterator"])

    def read(
        self, shard_id: str, kind: str = "TRIM_HORIZON", name: str = "s", **request: Any
    ) -> list[dict[str, Any]]:
        """Return the records of a shard from an iterator of that kind to its tip."""
        iterator: str | None = self.iterator(shard_id, kind, name, **request)
        records = []
        while iterator:
            answer = self("GetRecords", ShardIterator=iterator)
            records += answer["Records"]
            if not answer["MillisBehindLatest"]:
                break
            iterator = answer.get("NextShardIterator")
        return records

    def keys(self, name: str = "s") -> list[list[str]]:
        """Return the partition keys of every shard, in order."""
        return [
            [record["PartitionKey"] for record in self.read(shard["ShardId"], name=name)]
            for shard in self.shards(name)
        ]


def blob(text: str) -> str:
    """Return text as a blob."""
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def kinesis(tmp_path: Path) -> Kinesis:
    """An empty Kinesis."""
    return Kinesis(tmp_path / "kinesis", Clock())
