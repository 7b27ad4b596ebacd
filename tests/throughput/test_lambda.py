"""Lambda's lanes: ten of them on one shard are worth at least five times one, and no key loses its order."""

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from runtime.settings import Settings
from tests.support.functions import Deploy, client
from tests.support.waiting import until

LEAST_RATIO = 5
KEYS = 100
SLOW = """
import base64, time
def handler(event, context):
    time.sleep(0.05)
    with open({path!r}, 'a') as file:
        for record in event['Records']:
            data = base64.b64decode(record['kinesis']['data']).decode()
            file.write(f"{{time.time()}} {{data}}\\n")
"""


def batches_per_second(world: Settings, functions: Any, deploy: Deploy, arrived: Path, lanes: int) -> float:
    """Deliver records one by one, to a handler of 50 ms, and return how many a second came through."""
    records = 150 * lanes
    kinesis, stream = client(world, "kinesis"), f"lanes-{lanes}"
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1})
    entries = [
        {"PartitionKey": f"k{number % KEYS}", "Data": f"k{number % KEYS} {number}".encode()}
        for number in range(records)
    ]
    for first in range(0, records, 500):
        kinesis.put_records(StreamName=stream, Records=entries[first : first + 500])
    arrived.touch()
    functions.create_event_source_mapping(
        FunctionName=deploy(SLOW.format(path=str(arrived))),
        EventSourceArn=f"arn:aws:kinesis:us-east-1:000000000000:stream/{stream}",
        StartingPosition="TRIM_HORIZON",
        BatchSize=1,
        ParallelizationFactor=lanes,
    )
    lines = until(lambda: found if len(found := arrived.read_text().splitlines()) >= records else [], 120)
    rows = [line.split() for line in lines]
    order = defaultdict(list)
    for _, key, number in rows:
        order[key].append(int(number))
    assert all(numbers == sorted(numbers) for numbers in order.values())
    assert sum(map(len, order.values())) == records
    times = sorted(float(row[0]) for row in rows)[records // 5 :]  # the first ones wait for environments
    return (len(times) - 1) / (times[-1] - times[0])


@pytest.mark.timeout(300)
def test_ten_lanes_are_worth_five(
    world: Settings, functions: Any, deploy: Deploy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one run, one after the other."""
    one = batches_per_second(world, functions, deploy, tmp_path / "one", 1)
    ten = batches_per_second(world, functions, deploy, tmp_path / "ten", 10)
    with capsys.disabled():
        sys.stdout.write(
            f"\n1 lane {one:.1f}, 10 lanes {ten:.1f} batches of 50 ms a second: {ten / one:.1f} times\n"
        )
    assert ten / one >= LEAST_RATIO
