"""Clusters and steps, told the time, with machines and steps that do what the test says."""

from collections.abc import Mapping
from typing import Any

import pytest

from localstack.providers.emr import answers
from localstack.providers.emr.commands import Command, DistCp, command_of
from localstack.providers.emr.engine import Engine
from localstack.providers.emr.errors import InvalidRequestError, ValidationError
from localstack.providers.emr.records import Cluster, Outcome, Step
from localstack.providers.spark.submission import Submission
from tests.support.clock import HandClock

FAILED = Outcome(is_success=False, reason="Application ended with exit code 1", message="ValueError: dry")
MASTER = {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1}
FEWER = {"InstanceRole": "CORE", "InstanceCount": -1}
DONE = Outcome(is_success=True)


class FakeAttempt:
    """One that ends when the test says so, or when it is stopped."""

    outcome: Outcome | None = None

    def stop(self) -> None:
        """See `Attempt.stop`."""
        self.outcome = FAILED


class FakeMachines:
    """Up and down at once."""

    is_up = True
    failure = ""
    is_down = False

    def __init__(self) -> None:
        """Be off."""
        self.workers: list[int] = []
        self.attempts: list[FakeAttempt] = []

    def resize(self, workers: int) -> None:
        """See `Machines.resize`."""
        self.workers.append(workers)

    def run(self, _step: Step) -> FakeAttempt:
        """See `Machines.run`."""
        self.attempts.append(FakeAttempt())
        return self.attempts[-1]

    def stop(self) -> None:
        """See `Machines.stop`."""
        self.is_down = True


class World:
    """An engine, its clock and the machines of its clusters."""

    def __init__(self) -> None:
        """Begin with no cluster."""
        self.clock = HandClock()
        self.machines: list[FakeMachines] = []
        self.engine = Engine(
            "000000000000", "us-east-1", machines=self._machines, check=self._check, now=self.clock.now
        )

    def run(self, *steps: Mapping[str, Any], alive: bool = True, **others: Any) -> Cluster:
        """Begin a cluster, and have it start."""
        instances = {"InstanceCount": 2, "KeepJobFlowAliveWhenNoSteps": alive} | others.pop("Instances", {})
        request = {"Name": "c", "ReleaseLabel": "emr-7.9.0", "Instances": instances, "Steps": list(steps)}
        cluster = self.engine.run(request | others)
        assert cluster.state == "STARTING"
        self.engine.step()
        return cluster

    def end(self, outcome: Outcome) -> None:
        """Have the step that runs end, and go on."""
        self.machines[-1].attempts[-1].outcome = outcome
        self.engine.step()

    def _machines(self, *_: object) -> FakeMachines:
        self.machines.append(FakeMachines())
        return self.machines[-1]

    def _check(self, _command: Command) -> None:
        """Let every command in."""


@pytest.fixture
def world() -> World:
    """Give an engine."""
    return World()


def step(action: str = "CONTINUE", *arguments: str) -> dict[str, Any]:
    """Return a StepConfig."""
    words = list(arguments or ("spark-submit", "s3://b/x.py"))
    jar = {"Jar": "command-runner.jar", "Args": words}
    return {"Name": "s", "ActionOnFailure": action, "HadoopJarStep": jar}


def states(cluster: Cluster) -> list[str]:
    """Return the states of a cluster's steps."""
    return [each.state for each in cluster.steps]


def test_steps_run_one_after_the_other_and_the_cluster_ends_with_them(world: World) -> None:
    """Unless it is kept alive; nothing of it runs before it is TERMINATED."""
    cluster = world.run(step(), step(), alive=False)
    assert (cluster.state, states(cluster)) == ("RUNNING", ["RUNNING", "PENDING"])
    world.end(DONE)
    assert states(cluster) == ["COMPLETED", "RUNNING"]
    world.end(DONE)
    assert (cluster.state, cluster.reason_code) == ("TERMINATING", "ALL_STEPS_COMPLETED")
    world.engine.step()
    assert (cluster.state, world.machines[0].is_down) == ("TERMINATED", True)
    with pytest.raises(ValidationError, match="may not be modified"):
        world.engine.add(cluster.id, [step()])


@pytest.mark.parametrize(
    ("action", "cluster_state", "step_states"),
    [
        pytest.param("CONTINUE", "RUNNING", ["FAILED", "RUNNING"], id="continue"),
        pytest.param("CANCEL_AND_WAIT", "WAITING", ["FAILED", "CANCELLED"], id="cancel and wait"),
        pytest.param("TERMINATE_CLUSTER", "TERMINATING", ["FAILED", "CANCELLED"], id="terminate"),
        pytest.param("TERMINATE_JOB_FLOW", "TERMINATING", ["FAILED", "CANCELLED"], id="its older name"),
    ],
)
def test_what_a_failure_leads_to(
    world: World, action: str, cluster_state: str, step_states: list[str]
) -> None:
    """What ActionOnFailure says, with the reason of the step."""
    cluster = world.run(step(action), step())
    world.end(FAILED)
    assert (cluster.state, states(cluster)) == (cluster_state, step_states)
    told = answers.step(cluster.steps[0], cluster)["Status"]
    assert told["FailureDetails"] == {"Reason": FAILED.reason, "Message": FAILED.message}
    if cluster_state == "TERMINATING":
        world.engine.step()
        assert (cluster.state, cluster.reason) == ("TERMINATED_WITH_ERRORS", "Shut down as step failed")


def test_a_step_is_cancelled_whether_it_waits_or_runs(world: World) -> None:
    """One that has ended says so."""
    cluster = world.run(step(), step(), step())
    first, second, third = (each.id for each in cluster.steps)
    assert world.engine.cancel(cluster.id, [first, third]) == {first: "", third: ""}
    assert states(cluster) == ["RUNNING", "PENDING", "CANCELLED"]
    world.engine.step()
    assert states(cluster) == ["CANCELLED", "RUNNING", "CANCELLED"]
    assert world.engine.cancel(cluster.id, [first]) == {first: "the step has ended: CANCELLED"}
    with pytest.raises(InvalidRequestError, match="Step id 's-NOT' is not valid"):
        world.engine.cancel(cluster.id, ["s-NOT"])
    assert second


def test_an_idle_cluster_ends_by_its_policy(world: World) -> None:
    """Not while a step runs; the time counts from the end of the last one."""
    cluster = world.run(step(), AutoTerminationPolicy={"IdleTimeout": 60})
    world.clock.sleep(100)
    world.engine.step()
    assert cluster.state == "RUNNING"
    world.end(DONE)
    assert cluster.state == "WAITING"
    world.clock.sleep(59)
    world.engine.step()
    assert cluster.state == "WAITING"
    world.clock.sleep(1)
    world.engine.step()
    assert (cluster.state, cluster.reason_code) == ("TERMINATING", "AUTO_TERMINATION")
    with pytest.raises(InvalidRequestError, match="IdleTimeout must be from 60"):
        world.run(AutoTerminationPolicy={"IdleTimeout": 5})


def test_a_protected_cluster_stays_and_others_of_the_call_end(world: World) -> None:
    """Until it is protected no more; a step that runs ends with it."""
    kept = world.run(step("TERMINATE_CLUSTER"), Instances={"TerminationProtected": True})
    other = world.run()
    with pytest.raises(ValidationError, match=f"termination protected: {kept.id}"):
        world.engine.terminate([kept.id, other.id])
    assert (kept.state, other.state) == ("RUNNING", "TERMINATING")
    world.engine.protect([kept.id], is_protected=False)
    world.engine.terminate([kept.id])
    world.engine.step()
    world.engine.step()
    assert (kept.state, states(kept), kept.reason_code) == ("TERMINATED", ["CANCELLED"], "USER_REQUEST")


def test_workers_come_and_go_with_the_groups(world: World) -> None:
    """A group that changes is RESIZING until its machines are there."""
    cluster = world.run()
    core = cluster.groups[1]
    world.engine.resize([{"InstanceGroupId": core.id, "InstanceCount": 3}])
    assert world.machines[0].workers == [1, 3]
    assert answers.group(core, cluster)["Status"]["State"] == "RESIZING"
    world.engine.step()
    assert answers.group(core, cluster)["RunningInstanceCount"] == 3
    for count, message in ((4, "3 fit this machine"), (0, "cannot have 0 instances")):
        with pytest.raises(InvalidRequestError, match=message):
            world.engine.resize([{"InstanceGroupId": core.id, "InstanceCount": count}])
    with pytest.raises(InvalidRequestError, match="a MASTER group cannot have 2"):
        world.engine.resize([{"InstanceGroupId": cluster.groups[0].id, "InstanceCount": 2}])


def test_machines_that_do_not_come_up_end_the_cluster(world: World) -> None:
    """With their reason, and its steps are cancelled."""
    cluster = world.run(step())
    world.machines[0].failure = "Spark's cluster did not come up"
    world.engine.step()
    world.engine.step()
    world.engine.step()
    assert (cluster.state, states(cluster)) == ("TERMINATED_WITH_ERRORS", ["CANCELLED"])
    assert cluster.reason == "Spark's cluster did not come up"


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        pytest.param(
            {"BootstrapActions": [{"Name": "b"}]}, "does not support BootstrapActions", id="bootstrap"
        ),
        pytest.param({"Applications": [{"Name": "Hive"}]}, "the application Hive; Spark is", id="Hive"),
        pytest.param({"Instances": {"InstanceFleets": [{}]}}, "Instances.InstanceFleets", id="fleets"),
        pytest.param({"Instances": {"Ec2SubnetId": "s"}}, "Instances.Ec2SubnetId", id="network"),
        pytest.param({"Instances": {"InstanceCount": 9}}, "8 core and task instances; 3 fit", id="too many"),
        pytest.param(
            {
                "Instances": {
                    "InstanceGroups": [MASTER, MASTER | {"InstanceRole": "CORE", "InstanceCount": -1}]
                }
            },
            "cannot be below 0",
            id="fewer than none",
        ),
        pytest.param({"StepConcurrencyLevel": 2}, "a StepConcurrencyLevel above 1", id="side by side"),
        pytest.param({"ManagedScalingPolicy": {"a": 1}}, "ManagedScalingPolicy", id="scaling"),
        pytest.param({"Configurations": [{"Classification": "yarn-site"}]}, "yarn-site", id="classification"),
        pytest.param({"Steps": [step("CONTINUE", "hive-script")]}, "the command hive-script", id="command"),
        pytest.param({"Steps": [step("CONTINUE", "spark-submit")]}, "needs a script", id="no script"),
        pytest.param(
            {"Steps": [step("CONTINUE", "spark-submit", "--packages", "a", "s3://b/x.py")]},
            "`--packages` is not supported",
            id="packages",
        ),
        pytest.param(
            {"Steps": [step("CONTINUE", "s3-dist-cp", "--src", "hdfs:///a", "--dest", "s3://b/c")]},
            "needs --src as an s3:// URI; got 'hdfs:///a'",
            id="hdfs",
        ),
        pytest.param(
            {"Steps": [step("CONTINUE", "s3-dist-cp", "--groupBy", ".*")]},
            "s3-dist-cp's --groupBy",
            id="groupBy",
        ),
    ],
)
def test_what_is_not_supported_is_refused_by_its_name(
    world: World, request_: dict[str, Any], message: str
) -> None:
    """And no cluster is made."""
    with pytest.raises(InvalidRequestError, match=message):
        world.engine.run({"Name": "c", "ReleaseLabel": "emr-7.9.0"} | request_)
    assert world.engine.clusters() == []


def test_a_command_is_read_as_spark_submit_reads_it() -> None:
    """YARN and either deploy mode mean the cluster's own Spark; options end at the script."""
    words = ("--deploy-mode", "cluster", "--master=yarn", "--conf", "a=b", "--py-files", "s3://b/z.zip")
    command = command_of(step("CONTINUE", "spark-submit", *words, "s3://b/x.py", "--deploy-mode"), {"c": "d"})
    assert isinstance(command, Submission)
    assert (command.script, list(command.arguments)) == ("s3://b/x.py", ["--deploy-mode"])
    assert command.parameters.properties == {"a": "b"}
    assert command.layers == [{"c": "d"}]
    copy = command_of(step("CONTINUE", "s3-dist-cp", "--src=s3://a/b", "--dest", "s3://c/d"), {})
    assert copy == DistCp("s3://a/b", "s3://c/d", None)


def test_no_more_clusters_begin_than_fit(world: World) -> None:
    """One that has ended makes room."""
    first, _ = world.run(), world.run()
    with pytest.raises(InvalidRequestError, match="2 clusters are all that fit this machine"):
        world.run()
    world.engine.terminate([first.id])
    world.engine.step()
    world.run()
    assert [each.state for each in world.engine.clusters(["TERMINATED"])] == ["TERMINATED"]
