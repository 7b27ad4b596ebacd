"""Compaction by EMR Serverless on S3: a driver killed between the data and the pointer, and the next."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from rich.console import Console

from app import wiring
from app.commands.bootstrap import prepare
from app.emr.errors import JobFailedError
from app.jobs import run_jobs
from app.stack.settings import StandSettings
from contracts.lake import COMPACTED_EVENTS, compacted_pointer_key, events_prefix, job_script_key
from contracts.schema import FLIGHT_EVENTS
from runtime.settings import Settings
from tests.support.functions import client
from tests.unit.jobs.conftest import FRIDAY, event, noon

pytestmark = [pytest.mark.timeout(300), pytest.mark.long]
JOB = "compact_events"
POINTER = compacted_pointer_key(FRIDAY.isoformat())
KILLED_BEFORE_A_POINTER_MOVES = """\
import os, signal
from jobs.shared import compacted

compacted.point = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
"""


def archive(world: Settings, flight: int) -> str:
    """Put a flight of Friday into the lake, in a file of its own, and return its key."""
    sink = io.BytesIO()
    row = event("scheduled", flight, noon())
    parquet.write_table(pa.Table.from_pylist([row], schema=FLIGHT_EVENTS), sink)
    key = f"{events_prefix('flight-events')}stream/shard/{flight}.parquet"
    wiring.lake(world).put(key, sink.getvalue())
    return key


def flights(world: Settings, pointer: dict[str, Any]) -> list[int]:
    """Return the flights in the files that a pointer names."""
    tables = [parquet.read_table(io.BytesIO(wiring.lake(world).get(name))) for name in pointer["files"]]
    return [flight for table in tables for flight in table["flight"].to_pylist()]


def folders(keys: Sequence[str]) -> set[str]:
    """Return the folders of files of events."""
    return {key.rsplit("/", 1)[0] for key in keys if key.endswith(".parquet")}


def test_killed_before_the_pointer_moves_the_files_before_are_in_force(
    world: Settings, stand: StandSettings
) -> None:
    """The next run puts the pointer once, over the one before, and what the killed one left is gone."""
    prepare(world)
    lake, runs = wiring.lake(world), wiring.runs()
    s3 = client(world, "s3")
    s3.put_bucket_versioning(Bucket=world.lake, VersioningConfiguration={"Status": "Enabled"})
    sources = [archive(world, 1)]
    run_jobs([JOB], (FRIDAY, FRIDAY), world, stand, Console())
    first = lake.get(POINTER)

    sources.append(archive(world, 2))
    killed = KILLED_BEFORE_A_POINTER_MOVES + Path("jobs", f"{JOB}.py").read_text(encoding="utf-8")
    lake.put(job_script_key(JOB), killed.encode())
    with pytest.raises(JobFailedError, match="its driver was killed by SIGKILL"):
        runs.follow(runs.start(JOB, (FRIDAY, FRIDAY), lake=world.lake))
    assert lake.get(POINTER) == first
    assert flights(world, json.loads(first)) == [1]
    left = folders(list(lake.keys(COMPACTED_EVENTS)))
    assert len(left) == 2

    sources.append(archive(world, 3))
    run_jobs([JOB], (FRIDAY, FRIDAY), world, stand, Console())
    moved = json.loads(lake.get(POINTER))
    assert flights(world, moved) == [1, 2, 3]
    assert (moved["sources"], moved["source_rows"], moved["duplicates"]) == (sources, 3, 0)
    there = folders(list(lake.keys(COMPACTED_EVENTS)))
    assert len(there) == 2
    assert len(there & left) == 1
    assert folders(json.loads(first)["files"]) < there
    put = s3.list_object_versions(Bucket=world.lake, Prefix=POINTER)
    assert [each["Size"] for each in put["Versions"]] == [len(lake.get(POINTER)), len(first)]
    assert "DeleteMarkers" not in put
