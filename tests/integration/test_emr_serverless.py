"""EMR Serverless in the local cloud: real Sparks, by boto3."""

import gzip
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError
from localstack_client.session import Session

from app.stack.settings import StandSettings
from app.stack.stack import Stack
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(300)
ROLE = "arn:aws:iam::000000000000:role/emr"
BUCKET = "emr-serverless"
LOGS = f"s3://{BUCKET}/logs/"
ENDED = {"SUCCESS", "FAILED", "CANCELLED"}
COPY = """
import sys
from helper import doubled
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
frame = spark.read.csv(sys.argv[1], header=True, inferSchema=True)
print("partitions", spark.conf.get("spark.sql.shuffle.partitions"))
frame.select(doubled(frame.number).alias("number")).coalesce(1).write.mode("overwrite").csv(sys.argv[2])
"""
HELPER = "def doubled(column):\n    return column * 2\n"
THROW = "raise ValueError('the lake is dry')\n"
SLEEP = """
import time
from pyspark import SparkContext

context = SparkContext.getOrCreate()
context.parallelize([1], 1).foreach(lambda _: time.sleep(600))
"""
SLOW = """
import sys, time
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
slow = spark.sparkContext.parallelize(range(100), 4).map(lambda number: (time.sleep(0.2), number)[1])
spark.createDataFrame([(slow.sum(),)], "total long").coalesce(1).write.csv(sys.argv[1])
"""


@pytest.fixture(scope="module")
def emr(stack: Stack, stand: StandSettings) -> Any:
    """A client of EMR Serverless."""
    assert stack.servers
    return _client(stand, "emr-serverless")


@pytest.fixture(scope="module")
def s3(stack: Stack, stand: StandSettings) -> Any:
    """A client of S3, with the scripts in a bucket."""
    assert stack.servers
    client = _client(stand, "s3")
    client.create_bucket(Bucket=BUCKET)
    files = {"double.py": COPY, "helper.py": HELPER, "throw.py": THROW, "sleep.py": SLEEP, "slow.py": SLOW}
    for name, body in {**files, "in/numbers.csv": "number\n1\n20\n"}.items():
        client.put_object(Bucket=BUCKET, Key=name, Body=body.encode())
    return client


@pytest.fixture
def application(emr: Any) -> Iterator[str]:
    """Give a test an application; its runs end with it."""
    made = emr.create_application(name="test", releaseLabel="emr-7.9.0", type="SPARK")
    identifier = made["applicationId"]
    assert made["arn"] == f"arn:aws:emr-serverless:us-east-1:000000000000:/applications/{identifier}"
    yield identifier
    for run in emr.list_job_runs(applicationId=identifier)["jobRuns"]:
        with suppress(ClientError):
            emr.cancel_job_run(applicationId=identifier, jobRunId=run["id"])


def _client(stand: StandSettings, name: str) -> Any:
    session = Session(localstack_host=f"127.0.0.1:{stand.port}")
    return session.client(name, region_name="us-east-1", endpoint_url=stand.endpoint_url)


def start(
    emr: Any, application: str, script: str, *arguments: str, parameters: str = "", **others: Any
) -> str:
    """Start a run of a script, and return its id."""
    submit: dict[str, Any] = {"entryPoint": f"s3://{BUCKET}/{script}", "entryPointArguments": list(arguments)}
    if parameters:
        submit["sparkSubmitParameters"] = parameters
    answer = emr.start_job_run(
        applicationId=application, executionRoleArn=ROLE, jobDriver={"sparkSubmit": submit}, **others
    )
    identifier: str = answer["jobRunId"]
    assert answer["arn"].endswith(f":/applications/{application}/jobruns/{identifier}")
    return identifier


def ended(emr: Any, application: str, run: str) -> Any:
    """Wait for the end of a run, and return it."""

    def look() -> Any:
        found = emr.get_job_run(applicationId=application, jobRunId=run)["jobRun"]
        return found if found["state"] in ENDED else None

    return until(look, 120)


def processes(run: str) -> list[psutil.Process]:
    """Return the processes that carry a run out."""
    return [each for each in psutil.process_iter() if any(run in word for word in words(each))]


def named(word: str) -> list[psutil.Process]:
    """Return the processes of which a word of the command has this in it."""
    return [each for each in psutil.process_iter() if any(word in told for told in words(each))]


def words(process: psutil.Process) -> list[str]:
    """Return the command of a process; nothing where it has ended."""
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def test_a_run_reads_and_writes_s3_and_its_logs_are_there(
    emr: Any, s3: Any, application: str, stand: StandSettings
) -> None:
    """Entry point and --py-files come from S3; the run's layers of configuration reach Spark."""
    layer = {"classification": "spark-defaults", "properties": {"spark.sql.shuffle.partitions": "7"}}
    run = start(
        emr,
        application,
        "double.py",
        f"s3://{BUCKET}/in/",
        f"s3://{BUCKET}/out/",
        parameters=f"--py-files s3://{BUCKET}/helper.py --conf spark.executor.cores=1",
        name="copy",
        clientToken="once",
        tags={"team": "lake"},
        configurationOverrides={
            "applicationConfiguration": [layer],
            "monitoringConfiguration": {
                "s3MonitoringConfiguration": {"logUri": LOGS},
                "cloudWatchLoggingConfiguration": {"enabled": True, "logGroupName": "/test/emr"},
            },
        },
    )
    found = ended(emr, application, run)
    assert found["stateDetails"] == ""
    assert (found["state"], found["attempt"]) == ("SUCCESS", 1)
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET, Prefix="out/part")["Contents"]]
    assert [s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys] == [b"2\n40\n"]
    folder = f"logs/applications/{application}/jobs/{run}/SPARK_DRIVER"
    stdout = s3.get_object(Bucket=BUCKET, Key=f"{folder}/stdout.gz")["Body"].read()
    assert gzip.decompress(stdout).decode() == "partitions 7\n"
    assert s3.head_object(Bucket=BUCKET, Key=f"{folder}/stderr.gz")
    stream = f"applications/{application}/jobs/{run}/SPARK_DRIVER/stdout"
    events = _client(stand, "logs").get_log_events(logGroupName="/test/emr", logStreamName=stream)["events"]
    assert [each["message"] for each in events] == ["partitions 7"]
    (summary,) = emr.list_job_runs(applicationId=application, states=["SUCCESS"], mode="BATCH")["jobRuns"]
    assert (summary["id"], summary["name"]) == (run, "copy")
    assert not emr.list_job_runs(applicationId=application, createdAtAfter=found["createdAt"])["jobRuns"]
    assert emr.list_tags_for_resource(resourceArn=found["arn"])["tags"] == {"team": "lake"}


def test_a_script_that_throws_fails_with_its_message(emr: Any, s3: Any, application: str) -> None:
    """The second attempt fails as the first did, and a token that comes again starts no other run."""
    assert s3
    given: dict[str, Any] = {"clientToken": "token", "retryPolicy": {"maxAttempts": 2}}
    run = start(emr, application, "throw.py", **given)
    assert start(emr, application, "throw.py", **given) == run
    with pytest.raises(emr.exceptions.ConflictException, match="with another request"):
        start(emr, application, "sleep.py", **given)
    found = ended(emr, application, run)
    assert found["state"] == "FAILED"
    assert found["stateDetails"] == "Job failed with exit code 1: ValueError: the lake is dry"
    attempts = emr.list_job_run_attempts(applicationId=application, jobRunId=run)["jobRunAttempts"]
    assert [(each["attempt"], each["state"]) for each in attempts] == [(1, "FAILED"), (2, "FAILED")]
    first = emr.get_job_run(applicationId=application, jobRunId=run, attempt=1)["jobRun"]
    assert (first["attempt"], first["stateDetails"]) == (1, found["stateDetails"])
    (page, rest) = emr.get_paginator("list_job_run_attempts").paginate(
        applicationId=application, jobRunId=run, PaginationConfig={"PageSize": 1}
    )
    assert [each["attempt"] for each in (*page["jobRunAttempts"], *rest["jobRunAttempts"])] == [1, 2]


def test_a_cancel_ends_all_processes(emr: Any, s3: Any, application: str, stand: StandSettings) -> None:
    """Python's workers included, which leave the process group."""
    assert s3
    run = start(emr, application, "sleep.py")

    def family() -> list[psutil.Process]:
        found = set(processes(run))
        for each in list(found):
            with suppress(psutil.NoSuchProcess):
                found.update(each.children(recursive=True))
        return list(found)

    def workers() -> list[psutil.Process]:
        found = family()
        return found if any("pyspark.daemon" in word for each in found for word in words(each)) else []

    found = until(workers, 90)
    state = emr.get_job_run(applicationId=application, jobRunId=run)["jobRun"]["state"]
    assert state == "RUNNING"
    with pytest.raises(emr.exceptions.ValidationException, match="have not ended"):
        emr.stop_application(applicationId=application)
    emr.cancel_job_run(applicationId=application, jobRunId=run, shutdownGracePeriodInSeconds=2)
    assert ended(emr, application, run)["state"] == "CANCELLED"
    _, alive = psutil.wait_procs(found, timeout=5)
    assert not alive
    folder = stand.home / "cloud" / "spark"
    assert not [each for each in Path(folder).rglob("*") if run in each.parts and each.is_file()]
    with pytest.raises(emr.exceptions.ValidationException, match="has ended: CANCELLED"):
        emr.cancel_job_run(applicationId=application, jobRunId=run)


STANDALONE = {"classification": "spark-defaults", "properties": {"spark.millrace.cluster": "standalone"}}
SIZES = "--driver-memory 512m --executor-memory 512m --executor-cores 1"


def test_an_application_may_have_a_cluster(emr: Any, s3: Any) -> None:
    """A master, a worker and an executor are processes of their own; S3 is reached from the executor."""
    made = emr.create_application(
        name="cluster", releaseLabel="emr-7.9.0", type="SPARK", runtimeConfiguration=[STANDALONE]
    )["applicationId"]
    where = (f"s3://{BUCKET}/in/", f"s3://{BUCKET}/from-cluster/")
    parameters = f"--py-files s3://{BUCKET}/helper.py {SIZES}"
    run = start(emr, made, "double.py", *where, parameters=parameters)

    def executor() -> Any:
        found = named("CoarseGrainedExecutorBackend")
        return found[0] if found else None

    assert any("spark://CoarseGrainedScheduler@127.0.0.1:" in word for word in words(until(executor, 90)))
    found = ended(emr, made, run)
    assert (found["state"], found["stateDetails"]) == ("SUCCESS", "")
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET, Prefix="from-cluster/part")["Contents"]]
    assert [s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys] == [b"2\n40\n"]


@pytest.mark.long
def test_an_executor_that_is_killed_is_replaced(emr: Any, s3: Any) -> None:
    """The run goes on with another one, and its result is whole."""
    assert s3
    made = emr.create_application(
        name="killed", releaseLabel="emr-7.9.0", type="SPARK", runtimeConfiguration=[STANDALONE]
    )["applicationId"]
    run = start(emr, made, "slow.py", f"s3://{BUCKET}/slow/", parameters=SIZES)

    until(lambda: named("pyspark.daemon"), 90)
    named("CoarseGrainedExecutorBackend")[0].kill()
    assert ended(emr, made, run)["state"] == "SUCCESS"
    (row,) = s3.get_object(Bucket=BUCKET, Key=_part(s3, "slow/part"))["Body"].read().split()
    assert row == b"4950"


def _part(s3: Any, prefix: str) -> str:
    (found,) = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
    key: str = found["Key"]
    return key


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("--conf spark.hadoop.fs.s3a.endpoint=https://s3.amazonaws.com", "is not on this machine"),
        ("--conf spark.executorEnv.AWS_ENDPOINT_URL=http://10.0.0.1:4566", "is not on this machine"),
        ("--master yarn", "`--master` is not supported"),
        ("--conf spark.master=yarn", "`spark.master` is not supported"),
        ("--conf spark.millrace.cluster=yarn", "must be one of local, standalone; got `yarn`"),
        ("--conf spark.millrace.cluster=standalone --executor-memory 3g", "fits no worker"),
    ],
)
def test_what_a_run_may_not_say_is_refused(emr: Any, application: str, parameters: str, message: str) -> None:
    """Before anything is started."""
    with pytest.raises(emr.exceptions.ValidationException, match=message):
        start(emr, application, "double.py", parameters=parameters)
    assert not emr.list_job_runs(applicationId=application)["jobRuns"]


def test_an_application_goes_through_its_states(emr: Any, application: str) -> None:
    """Started, stopped, changed, terminated."""

    def is_in(state: str) -> bool:
        found = emr.get_application(applicationId=application)["application"]
        return bool(found["state"] == state)

    until(lambda: is_in("CREATED"))
    emr.start_application(applicationId=application)
    until(lambda: is_in("STARTED"))
    with pytest.raises(emr.exceptions.ValidationException, match="stop it first"):
        emr.delete_application(applicationId=application)
    emr.stop_application(applicationId=application)
    until(lambda: is_in("STOPPED"))
    changed = emr.update_application(
        applicationId=application, maximumCapacity={"cpu": "8 vCPU", "memory": "32 GB"}
    )
    assert changed["application"]["maximumCapacity"]["cpu"] == "8 vCPU"
    arn = changed["application"]["arn"]
    emr.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
    emr.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert emr.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    emr.delete_application(applicationId=application)
    assert is_in("TERMINATED")
    listed = emr.list_applications(states=["TERMINATED"])["applications"]
    assert application in [each["id"] for each in listed]


def test_what_is_not_there_and_what_is_not_supported_is_named(emr: Any, application: str) -> None:
    """Moto answers for this service too; it is never asked."""
    with pytest.raises(emr.exceptions.ResourceNotFoundException, match="nothere"):
        emr.get_application(applicationId="nothere")
    with pytest.raises(emr.exceptions.ResourceNotFoundException, match="nothere"):
        emr.get_job_run(applicationId=application, jobRunId="nothere")
    with pytest.raises(ClientError, match="does not support GetDashboardForJobRun"):
        emr.get_dashboard_for_job_run(applicationId=application, jobRunId="nothere")
    with pytest.raises(ClientError, match="StartSession"):  # newer than the cloud's model of the API
        emr.start_session(applicationId=application, executionRoleArn=ROLE)
    with pytest.raises(ClientError, match="does not support applications of type HIVE"):
        emr.create_application(releaseLabel="emr-7.9.0", type="HIVE")
