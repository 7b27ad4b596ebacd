"""Kinesis under everything at once: `make soak-kinesis` for ten minutes, `make test` for ten seconds.

Two producers put at full speed while shards are split and merged; one consumer polls and one subscribes, each
following the lineage: a child is read when all of its parents are drained. LocalStack is killed twice.
A producer numbers the records of each key and waits for each answer, so what a consumer reads of a key is to
be 1, 2, 3…; only a number whose put got no answer may come twice.
"""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from app.stack.cloud import cloud
from app.stack.process import Server
from app.stack.settings import StandSettings
from tests.support.stack import free_port
from tests.support.waiting import until

SECONDS = float(os.environ.get("MILLRACE_SOAK_SECONDS", "10"))
pytestmark = [
    pytest.mark.timeout(SECONDS + 240),
    # Connections that a kill left half open complain when they are collected.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

STREAM = "soak"
KEYS = 100
PRODUCERS = 2
MOST_OPEN_SHARDS = 8
LOST = (BotoCoreError, HTTPError, OSError)
"""No answer came: whether the request was heard is not known."""
PAUSE = 0.1


def client(endpoint: str) -> Any:
    """Return a client that repeats nothing; a call that is not answered is the caller's to judge."""
    return boto3.client(
        "kinesis",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  # a dummy
        config=Config(
            retries={"total_max_attempts": 1}, read_timeout=15, connect_timeout=2, max_pool_connections=50
        ),
    )


class Producer:
    """Puts records 1, 2, 3… of each of its keys."""

    def __init__(self, kinesis: Any, number: int) -> None:
        """Take a share of the keys."""
        self._kinesis = kinesis
        self._keys = [f"p{number}-{key}" for key in range(KEYS)]
        self.acknowledged = dict.fromkeys(self._keys, 0)
        self.uncertain: set[tuple[str, int]] = set()

    def run(self, stopping: threading.Event) -> None:
        """Put until told to stop; a batch without an answer is put again."""
        batch = 0
        while not stopping.is_set():
            batch += 1
            while not self._put(batch):
                time.sleep(PAUSE)

    def _put(self, number: int) -> bool:
        records = [{"Data": b"%d" % number, "PartitionKey": key} for key in self._keys]
        try:
            answer = self._kinesis.put_records(StreamName=STREAM, Records=records)
        except LOST:
            self.uncertain |= {(key, number) for key in self._keys}
            return False
        assert answer["FailedRecordCount"] == 0
        self.acknowledged = dict.fromkeys(self._keys, number)
        return True


class Consumer:
    """Reads every shard after its parents, and judges what it reads."""

    def __init__(self, kinesis: Any, pool: ThreadPoolExecutor, uncertain: list[set[tuple[str, int]]]) -> None:
        """Start with nothing read."""
        self._kinesis = kinesis
        self._pool = pool
        self._uncertain = uncertain
        self._lock = threading.Lock()
        self._started: set[str] = set()
        self._done: set[str] = set()
        self.last: Counter[str] = Counter()
        self.read = 0
        self.wrong: list[str] = []
        self.stopping = threading.Event()

    def start(self) -> None:
        """Read the shards that have no parents."""
        for shard in self._kinesis.list_shards(StreamName=STREAM)["Shards"]:
            if "ParentShardId" not in shard:
                self._begin(shard["ShardId"])

    def has_read(self, acknowledged: dict[str, int]) -> bool:
        """Return whether all that was acknowledged has come."""
        return all(self.last[key] >= number for key, number in acknowledged.items())

    def batches(self, shard_id: str, after: str | None) -> Iterator[dict[str, Any]]:
        """Yield Records, and ChildShards at the end of the shard."""
        raise NotImplementedError

    def _begin(self, shard_id: str) -> None:
        with self._lock:
            if shard_id in self._started:
                return
            self._started.add(shard_id)
        self._pool.submit(self._follow, shard_id)

    def _follow(self, shard_id: str) -> None:
        after: str | None = None
        while not self.stopping.is_set():
            try:
                for batch in self.batches(shard_id, after):
                    after = self._judge(shard_id, batch["Records"], after)
                    if batch.get("ChildShards"):
                        self._end(shard_id, batch["ChildShards"])
                        return
                    if self.stopping.is_set():
                        return
            except (*LOST, ClientError):
                time.sleep(PAUSE)

    def _end(self, shard_id: str, children: list[dict[str, Any]]) -> None:
        with self._lock:
            self._done.add(shard_id)
            ready = [child for child in children if self._done.issuperset(child["ParentShards"])]
        for child in ready:
            self._begin(child["ShardId"])

    def _judge(self, shard_id: str, records: list[dict[str, Any]], after: str | None) -> str | None:
        with self._lock:
            for record in records:
                key, number, sequence_number = (
                    record["PartitionKey"],
                    int(record["Data"]),
                    record["SequenceNumber"],
                )
                if after and int(sequence_number) <= int(after):
                    self.wrong.append(f"{shard_id}: {sequence_number} after {after}")
                after = sequence_number
                is_next = number == self.last[key] + 1
                if not is_next and not any((key, number) in each for each in self._uncertain):
                    self.wrong.append(f"{shard_id}: {key} {number} after {self.last[key]}")
                self.last[key] = max(self.last[key], number)
                self.read += 1
        return after


class Poller(Consumer):
    """Reads by GetRecords."""

    def batches(self, shard_id: str, after: str | None) -> Iterator[dict[str, Any]]:
        """See `Consumer.batches`."""
        start = {"ShardIteratorType": "TRIM_HORIZON"}
        if after:
            start = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": after}
        at = self._kinesis.get_shard_iterator(StreamName=STREAM, ShardId=shard_id, **start)["ShardIterator"]
        while at:
            answer = self._kinesis.get_records(ShardIterator=at)
            yield answer
            at = answer.get("NextShardIterator")
            if not answer["Records"]:
                time.sleep(PAUSE)


class Subscriber(Consumer):
    """Reads by SubscribeToShard."""

    arn = ""

    def batches(self, shard_id: str, after: str | None) -> Iterator[dict[str, Any]]:
        """See `Consumer.batches`."""
        position = {"Type": "TRIM_HORIZON"}
        if after:
            position = {"Type": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
        events = self._kinesis.subscribe_to_shard(
            ConsumerARN=self.arn, ShardId=shard_id, StartingPosition=position
        )["EventStream"]
        try:
            for event in events:
                yield event["SubscribeToShardEvent"]
        finally:
            events.close()


def reshard(kinesis: Any, stopping: threading.Event, done: Counter[str]) -> None:
    """Split and merge neighbours at random."""
    choice = random.Random(7)  # noqa: S311  # the same storm again
    while not stopping.wait(0.5):
        try:
            shards = kinesis.list_shards(StreamName=STREAM, ShardFilter={"Type": "AT_LATEST"})["Shards"]
            shards.sort(key=lambda shard: int(shard["HashKeyRange"]["StartingHashKey"]))
            place = choice.randrange(len(shards))
            if len(shards) < 2 or (len(shards) < MOST_OPEN_SHARDS and choice.random() < 0.5):
                low, high = (int(each) for each in shards[place]["HashKeyRange"].values())
                kinesis.split_shard(
                    StreamName=STREAM,
                    ShardToSplit=shards[place]["ShardId"],
                    NewStartingHashKey=str((low + high) // 2),
                )
                done["splits"] += 1
            else:
                left, right = (each["ShardId"] for each in shards[max(place - 1, 0) : max(place - 1, 0) + 2])
                kinesis.merge_shards(StreamName=STREAM, ShardToMerge=left, AdjacentShardToMerge=right)
                done["merges"] += 1
        except (*LOST, ClientError):  # killed in between: look again
            time.sleep(PAUSE)


def kill(server: Server) -> None:
    """Kill LocalStack by SIGKILL, and start it again."""
    process = server.process()
    assert process
    process.send_signal(signal.SIGKILL)
    psutil.wait_procs([process], 10)
    server.start()
    server.wait_until_ready()


@contextmanager
def running(home: Path) -> Iterator[Server]:
    """Start LocalStack alone, on a port and in a folder of its own."""
    server = cloud(StandSettings(home, free_port(), free_port()))
    server.start()
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()


def test_every_acknowledged_record_is_read_once_and_in_order(tmp_path: Path) -> None:
    """By both consumers, through splits, merges and two kills."""
    resharded: Counter[str] = Counter()
    with running(tmp_path) as server, ThreadPoolExecutor(400) as pool:
        endpoint = f"http://127.0.0.1:{server.port}"
        kinesis = client(endpoint)
        kinesis.create_stream(StreamName=STREAM, ShardCount=4)
        arn = kinesis.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]["StreamARN"]
        producers = [Producer(client(endpoint), number) for number in range(PRODUCERS)]
        uncertain = [producer.uncertain for producer in producers]
        poller = Poller(client(endpoint), pool, uncertain)
        subscriber = Subscriber(client(endpoint), pool, uncertain)
        consumers = (poller, subscriber)
        subscriber.arn = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"][
            "ConsumerARN"
        ]
        stopping = threading.Event()
        for consumer in consumers:
            consumer.start()
        tasks = [pool.submit(producer.run, stopping) for producer in producers]
        tasks.append(pool.submit(reshard, kinesis, stopping, resharded))
        try:
            for _ in range(2):
                time.sleep(SECONDS / 3)
                kill(server)
            time.sleep(SECONDS / 3)
        finally:
            stopping.set()
        for task in tasks:
            task.result(60)
        acknowledged = {key: number for each in producers for key, number in each.acknowledged.items()}
        try:
            until(lambda: all(consumer.has_read(acknowledged) for consumer in consumers), 120)
        finally:
            for consumer in consumers:
                consumer.stopping.set()
    for consumer in consumers:
        assert consumer.wrong == []
        assert {key: consumer.last[key] for key in acknowledged} == acknowledged
    assert min(resharded["splits"], resharded["merges"]) > 0
    total = sum(acknowledged.values())
    print(  # noqa: T201  # what `make soak-kinesis` shows
        f"\n{SECONDS:g} s: {total:,} records acknowledged, {poller.read:,} polled, {subscriber.read:,} "
        f"subscribed to, {resharded['splits']} splits, {resharded['merges']} merges, 2 kills, nothing wrong"
    )
