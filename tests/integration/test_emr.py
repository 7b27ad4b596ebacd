"""EMR on EC2 in the local cloud: a real Spark cluster, by boto3."""

import gzip
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
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
BUCKET = "emr-on-ec2"
COUNT = """
import sys
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.read.csv(sys.argv[1], header=True).coalesce(1).write.csv(sys.argv[2])
"""
SLEEP = """
import time
from pyspark import SparkContext

SparkContext.getOrCreate().parallelize([1], 1).foreach(lambda _: time.sleep(600))
"""
SIZES = ("--driver-memory", "512m", "--executor-memory", "512m", "--executor-cores", "1")


@pytest.fixture(scope="module")
def emr(stack: Stack, stand: StandSettings) -> Any:
    """A client of EMR."""
    assert stack.servers
    return _client(stand, "emr")


@pytest.fixture(scope="module")
def s3(stack: Stack, stand: StandSettings) -> Any:
    """A client of S3, with the scripts in a bucket."""
    assert stack.servers
    client = _client(stand, "s3")
    client.create_bucket(Bucket=BUCKET)
    throw = "raise ValueError('the lake is dry')\n"
    files = {"count.py": COUNT, "throw.py": throw, "sleep.py": SLEEP, "in/a.csv": "n\n1\n", "in/b.txt": "no"}
    for name, body in files.items():
        client.put_object(Bucket=BUCKET, Key=name, Body=body.encode())
    return client


@pytest.fixture(scope="module")
def cluster(emr: Any) -> Iterator[str]:
    """Give a cluster of one worker that waits for steps."""
    made = emr.run_job_flow(
        Name="test",
        ReleaseLabel="emr-7.9.0",
        Applications=[{"Name": "Spark"}],
        LogUri=f"s3://{BUCKET}/logs/",
        Instances={"InstanceCount": 2, "KeepJobFlowAliveWhenNoSteps": True},
        Tags=[{"Key": "team", "Value": "lake"}],
    )
    emr.get_waiter("cluster_running").wait(ClusterId=made["JobFlowId"], WaiterConfig={"Delay": 1})
    yield made["JobFlowId"]
    with suppress(ClientError):
        emr.terminate_job_flows(JobFlowIds=[made["JobFlowId"]])


def _client(stand: StandSettings, name: str) -> Any:
    session = Session(localstack_host=f"127.0.0.1:{stand.port}")
    return session.client(name, region_name="us-east-1", endpoint_url=stand.endpoint_url)


def add(emr: Any, cluster: str, *words: str, action: str = "CONTINUE") -> str:
    """Add a step, and return its id."""
    jar = {"Jar": "command-runner.jar", "Args": list(words)}
    step = {"Name": words[0], "ActionOnFailure": action, "HadoopJarStep": jar}
    identifier: str = emr.add_job_flow_steps(JobFlowId=cluster, Steps=[step])["StepIds"][0]
    return identifier


def described(emr: Any, cluster: str, step: str) -> Any:
    """Return the status of a step."""
    return emr.describe_step(ClusterId=cluster, StepId=step)["Step"]["Status"]


def daemons(cluster: str, kind: str = "worker.Worker") -> list[psutil.Process]:
    """Return the masters or workers of a cluster that run."""
    found = []
    for each in psutil.process_iter():
        with suppress(psutil.Error):
            if each.cmdline()[:1] and Path(each.cmdline()[0]).name == "java" and cluster in each.cwd():
                found += [each] if f"org.apache.spark.deploy.{kind}" in each.cmdline() else []
    return found


def _are(cluster: str, count: int) -> bool:
    return len(daemons(cluster)) == count


def test_steps_run_on_a_cluster_whose_workers_come_and_go(emr: Any, s3: Any, cluster: str) -> None:
    """A copy, then a job over it; then another worker, which goes again."""
    copy = add(
        emr,
        cluster,
        "s3-dist-cp",
        f"--src=s3://{BUCKET}/in",
        f"--dest=s3://{BUCKET}/to",
        "--srcPattern=.*csv",
    )
    where = (f"s3://{BUCKET}/to/", f"s3://{BUCKET}/out/")
    job = add(
        emr, cluster, "spark-submit", "--deploy-mode", "cluster", *SIZES, f"s3://{BUCKET}/count.py", *where
    )
    emr.get_waiter("step_complete").wait(ClusterId=cluster, StepId=job, WaiterConfig={"Delay": 1})
    steps = emr.list_steps(ClusterId=cluster)["Steps"]
    assert [(each["Id"], each["Status"]["State"]) for each in steps] == [
        (job, "COMPLETED"),
        (copy, "COMPLETED"),
    ]
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET, Prefix="to/")["Contents"]]
    assert keys == ["to/a.csv"]
    (part,) = s3.list_objects_v2(Bucket=BUCKET, Prefix="out/part")["Contents"]
    assert s3.get_object(Bucket=BUCKET, Key=part["Key"])["Body"].read() == b"1\n"
    log = s3.get_object(Bucket=BUCKET, Key=f"logs/{cluster}/steps/{copy}/stdout.gz")["Body"].read()
    assert gzip.decompress(log).decode().endswith("1 of 2 objects copied\n")

    _, core = emr.list_instance_groups(ClusterId=cluster)["InstanceGroups"]
    assert (core["InstanceGroupType"], core["RunningInstanceCount"], len(daemons(cluster))) == ("CORE", 1, 1)
    for count in (2, 1):
        emr.modify_instance_groups(InstanceGroups=[{"InstanceGroupId": core["Id"], "InstanceCount": count}])
        until(partial(_are, cluster, count), 30)


def test_a_step_that_fails_says_why_and_one_that_is_cancelled_ends(emr: Any, s3: Any, cluster: str) -> None:
    """Its processes too; the cluster waits on."""
    failing = add(emr, cluster, "spark-submit", *SIZES, f"s3://{BUCKET}/throw.py")
    until(lambda: described(emr, cluster, failing)["State"] == "FAILED", 60)
    details = described(emr, cluster, failing)["FailureDetails"]
    assert details == {
        "Reason": "Application ended with exit code 1",
        "Message": "ValueError: the lake is dry",
        "LogFile": f"s3://{BUCKET}/logs/{cluster}/steps/{failing}/stderr.gz",
    }
    controller = details["LogFile"].removeprefix(f"s3://{BUCKET}/").replace("stderr", "controller")
    told = gzip.decompress(s3.get_object(Bucket=BUCKET, Key=controller)["Body"].read()).decode()
    assert f"startExec 'command-runner.jar spark-submit {' '.join(SIZES)}" in told
    sleeping = add(emr, cluster, "spark-submit", *SIZES, f"s3://{BUCKET}/sleep.py")

    def running() -> list[psutil.Process]:
        return [each for each in psutil.process_iter() if sleeping in " ".join(_words(each))]

    until(running, 60)
    answer = emr.cancel_steps(ClusterId=cluster, StepIds=[sleeping])["CancelStepsInfoList"]
    assert answer == [{"StepId": sleeping, "Status": "SUBMITTED"}]
    until(lambda: described(emr, cluster, sleeping)["State"] == "CANCELLED", 30)
    assert running() == []
    status = emr.describe_cluster(ClusterId=cluster)["Cluster"]["Status"]
    assert status["State"] in {"WAITING", "RUNNING"}


def test_a_terminated_cluster_leaves_no_process(emr: Any, cluster: str) -> None:
    """And takes no step any more."""
    emr.terminate_job_flows(JobFlowIds=[cluster])
    emr.get_waiter("cluster_terminated").wait(ClusterId=cluster, WaiterConfig={"Delay": 1})
    assert not daemons(cluster)
    assert not daemons(cluster, "master.Master")
    found = emr.describe_cluster(ClusterId=cluster)["Cluster"]
    assert found["Status"]["StateChangeReason"] == {
        "Code": "USER_REQUEST",
        "Message": "Terminated by user request",
    }
    assert found["Tags"] == [{"Key": "team", "Value": "lake"}]
    with pytest.raises(ClientError, match="may not be modified"):
        add(emr, cluster, "spark-submit", f"s3://{BUCKET}/count.py")


@pytest.mark.long
def test_a_worker_that_is_killed_is_replaced_and_a_master_is_not(emr: Any) -> None:
    """As on AWS: without its primary node a cluster ends with errors, and leaves nothing."""
    made = emr.run_job_flow(
        Name="killed",
        ReleaseLabel="emr-7.9.0",
        Applications=[{"Name": "Spark"}],
        Instances={"InstanceCount": 3, "KeepJobFlowAliveWhenNoSteps": True},
    )["JobFlowId"]
    emr.get_waiter("cluster_running").wait(ClusterId=made, WaiterConfig={"Delay": 1})
    killed, kept = daemons(made)
    killed.kill()
    until(lambda: len(daemons(made)) == 2 and killed not in daemons(made), 60)
    assert kept in daemons(made)
    (master,) = daemons(made, "master.Master")
    master.kill()
    until(lambda: _state(emr, made) == "TERMINATED_WITH_ERRORS", 60)
    reason = emr.describe_cluster(ClusterId=made)["Cluster"]["Status"]["StateChangeReason"]
    assert reason == {"Code": "INSTANCE_FAILURE", "Message": "The master instance failed"}
    assert not daemons(made)


def _state(emr: Any, cluster: str) -> str:
    state: str = emr.describe_cluster(ClusterId=cluster)["Cluster"]["Status"]["State"]
    return state


def test_what_is_not_supported_is_named(emr: Any) -> None:
    """Moto answers for this service too; it is never asked."""
    with pytest.raises(ClientError, match="does not support BootstrapActions"):
        emr.run_job_flow(
            Name="n",
            ReleaseLabel="emr-7.9.0",
            Instances={"InstanceCount": 1},
            BootstrapActions=[{"Name": "b", "ScriptBootstrapAction": {"Path": "s3://b/x.sh"}}],
        )
    with pytest.raises(ClientError, match="does not support CreateStudio"):
        emr.create_studio(
            Name="n",
            AuthMode="IAM",
            VpcId="v",
            SubnetIds=["s"],
            ServiceRole="r",
            WorkspaceSecurityGroupId="w",
            EngineSecurityGroupId="e",
            DefaultS3Location="s3://b",
        )
    with pytest.raises(ClientError, match="Cluster id 'j-NOT' is not valid"):
        emr.describe_cluster(ClusterId="j-NOT")


def _words(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []
