"""What Spark's runs leave in S3: partitions replaced as a whole, or left as they were."""

import time
from typing import Any

import psutil
import pytest
from localstack_client.session import Session

from app.stack.settings import StandSettings
from app.stack.stack import Stack
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(300)
ROLE = "arn:aws:iam::000000000000:role/emr"
BUCKET = "emr-outputs"
DAYS = """
import sys, time
from pyspark.sql import SparkSession

uri, number, spoil, *days = sys.argv[1:]

def told(day):
    if day == spoil:
        raise ValueError(f"the rows of {day} are spoilt")
    if spoil == "hang":
        print("hangs", file=sys.stderr)
        time.sleep(600)
    return day

spark = SparkSession.builder.getOrCreate()
rows = spark.sparkContext.parallelize(sorted(days), len(days)).map(lambda day: (told(day), int(number)))
spark.createDataFrame(rows, "day string, number long").write.partitionBy("day").mode("overwrite").parquet(uri)
"""
CLUSTER = {"classification": "spark-defaults", "properties": {"spark.millrace.cluster": "standalone"}}
SIZES = "--driver-memory 512m --executor-memory 512m --executor-cores 1"


class Runs:
    """Runs of the script in an application of their own."""

    def __init__(self, emr: Any, **settings: Any) -> None:
        """Create the application."""
        self._emr = emr
        made = emr.create_application(name="days", releaseLabel="emr-7.9.0", type="SPARK", **settings)
        self.application = made["applicationId"]

    def start(self, prefix: str, number: int, *days: str, spoil: str = "none", **others: Any) -> str:
        """Start one that writes this number into days, and return its id."""
        arguments = [f"s3://{BUCKET}/{prefix}/", str(number), spoil, *days]
        submit = {"entryPoint": f"s3://{BUCKET}/days.py", "entryPointArguments": arguments}
        submit["sparkSubmitParameters"] = SIZES
        run: str = self._emr.start_job_run(
            applicationId=self.application,
            executionRoleArn=ROLE,
            jobDriver={"sparkSubmit": submit},
            **others,
        )["jobRunId"]
        return run

    def ended(self, run: str, timeout_seconds: float = 120) -> Any:
        """Wait for its end, and return it."""

        def look() -> Any:
            found = self._emr.get_job_run(applicationId=self.application, jobRunId=run)["jobRun"]
            return found if found["state"] in {"SUCCESS", "FAILED", "CANCELLED"} else None

        return until(look, timeout_seconds)


@pytest.fixture(scope="module")
def emr(stack: Stack, stand: StandSettings) -> Any:
    """A client of EMR Serverless."""
    assert stack.servers
    return _client(stand, "emr-serverless")


@pytest.fixture(scope="module")
def s3(stack: Stack, stand: StandSettings) -> Any:
    """A client of S3, with the script in a bucket that keeps all versions."""
    assert stack.servers
    client = _client(stand, "s3")
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    client.put_object(Bucket=BUCKET, Key="days.py", Body=DAYS.encode())
    return client


@pytest.fixture(scope="module")
def runs(emr: Any) -> Runs:
    """Runs with a local master."""
    return Runs(emr)


def _client(stand: StandSettings, name: str) -> Any:
    session = Session(localstack_host=f"127.0.0.1:{stand.port}")
    return session.client(name, region_name="us-east-1", endpoint_url=stand.endpoint_url)


def files_of(s3: Any, prefix: str) -> dict[str, list[str]]:
    """Return the keys of Parquet files by their day."""
    found: dict[str, list[str]] = {}
    for each in s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/").get("Contents", ()):
        if each["Key"].endswith(".parquet"):
            found.setdefault(each["Key"].split("/")[1], []).append(each["Key"])
    return found


@pytest.mark.parametrize(
    "configuration",
    [pytest.param([], id="local"), pytest.param([CLUSTER], id="cluster", marks=pytest.mark.long)],
)
def test_an_overwrite_replaces_its_days_or_nothing_and_renames_no_file(
    emr: Any, s3: Any, configuration: list[dict[str, Any]], request: pytest.FixtureRequest
) -> None:
    """Whichever process writes a file, it is uploaded to where it stays; other days keep theirs.

    Of a run that fails nothing stays, though the files of its whole days were uploaded.
    """
    prefix = request.node.callspec.id
    runs = Runs(emr, runtimeConfiguration=configuration)
    assert runs.ended(runs.start(prefix, 1, "a", "b", "c"))["stateDetails"] == ""
    before = files_of(s3, prefix)
    assert {day: len(files) for day, files in before.items()} == {"day=a": 1, "day=b": 1, "day=c": 1}
    assert runs.ended(runs.start(prefix, 2, "b"))["stateDetails"] == ""
    after = files_of(s3, prefix)
    assert (after["day=a"], after["day=c"]) == (before["day=a"], before["day=c"])
    assert len(after["day=b"]) == 1
    assert after["day=b"] != before["day=b"]
    failed = runs.ended(runs.start(prefix, 3, "a", "b", "c", "d", spoil="d"))
    assert failed["state"] == "FAILED"
    assert "the rows of d are spoilt" in failed["stateDetails"]
    assert files_of(s3, prefix) == after
    assert not s3.list_multipart_uploads(Bucket=BUCKET, Prefix=f"{prefix}/").get("Uploads")
    versions = s3.list_object_versions(Bucket=BUCKET, Prefix=f"{prefix}/")["Versions"]
    written = {each["Key"] for each in versions}
    assert not [key for key in written if "_temporary" in key or ".spark-staging" in key]
    assert {key for key in written if key.endswith(".parquet")} == {
        key for files in (*before.values(), *after.values()) for key in files
    }


@pytest.mark.long
def test_a_driver_that_is_killed_fails_its_run(runs: Runs, s3: Any) -> None:
    """The output is as it was, and its workers end with it."""
    assert runs.ended(runs.start("killed", 1, "a"))["state"] == "SUCCESS"
    before = files_of(s3, "killed")
    run = runs.start("killed", 2, "a", spoil="hang")

    def workers() -> list[psutil.Process]:
        found = [each for driver in _drivers(run) for each in _children(driver)]
        return found if any("pyspark.daemon" in each for each in map(_command, found)) else []

    family = until(workers, 90)
    time.sleep(0.5)  # the task is on its way
    for driver in _drivers(run):
        driver.kill()
    failed = runs.ended(run)
    assert (failed["state"], failed["stateDetails"]) == (
        "FAILED",
        "Job failed with exit code 137: its driver was killed by SIGKILL",
    )
    assert files_of(s3, "killed") == before
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not alive


@pytest.mark.long
def test_a_run_that_hangs_ends_at_its_timeout(runs: Runs, s3: Any) -> None:
    """A minute is the shortest that AWS takes; it cancels the run."""
    run = runs.start("hangs", 1, "a", spoil="hang", executionTimeoutMinutes=1)
    ended = runs.ended(run)
    assert ended["state"] == "CANCELLED"
    assert "executionTimeoutMinutes" in ended["stateDetails"]
    assert not _drivers(run)
    assert not files_of(s3, "hangs")


def _drivers(run: str) -> list[psutil.Process]:
    """Return the Java processes of a run."""
    found = [each for each in psutil.process_iter() if run in _command(each)]
    return [each for each in found if "org.apache.spark.deploy.SparkSubmit" in _command(each)]


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
