"""Operations of EMR, by their requests: what they answer is what botocore's model has."""

from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from localstack.providers.emr.errors import InvalidRequestError
from localstack.providers.emr.provider import ANSWERS
from localstack.providers.emr.records import Cluster, Outcome
from tests.unit.localstack.providers.emr.test_engine import World, step

MODEL = boto3.client("emr", region_name="us-east-1").meta.service_model


@pytest.fixture
def world() -> World:
    """Give an engine."""
    return World()


def call(world: World, operation: str, **request: Any) -> dict[str, Any]:
    """Call an operation, and hold the names of its answer against the model."""
    answer = ANSWERS[operation](world.engine, request)
    check(answer, MODEL.operation_model(operation).output_shape)
    return answer


def check(answer: Any, shape: Any) -> None:
    """Refuse what the model has not."""
    if shape is None:
        assert answer == {}
    elif shape.type_name == "structure":
        assert set(answer) <= set(shape.members), shape.name
        for name, value in answer.items():
            check(value, shape.members[name])
    elif shape.type_name == "list":
        for each in answer:
            check(each, shape.member)


def grouped(world: World) -> tuple[Cluster, dict[str, str]]:
    """Begin a cluster with groups of every role, and return it with their ids."""
    groups = [
        {"InstanceRole": role, "InstanceType": "m5.xlarge", "InstanceCount": count}
        for role, count in (("MASTER", 1), ("CORE", 1), ("TASK", 1))
    ]
    instances = {"InstanceGroups": groups, "KeepJobFlowAliveWhenNoSteps": True}
    request = {"Name": "c", "ReleaseLabel": "emr-7.9.0", "Instances": instances, "LogUri": "s3://b/logs/"}
    cluster = world.engine.run(request)
    world.engine.step()
    return cluster, {each.role: each.id for each in cluster.groups}


@pytest.mark.parametrize(
    ("asked", "roles"),
    [
        ({}, ["MASTER", "CORE", "TASK"]),
        ({"InstanceGroupTypes": ["CORE", "TASK"]}, ["CORE", "TASK"]),
        ({"InstanceStates": ["RUNNING"]}, ["MASTER", "CORE", "TASK"]),
        ({"InstanceStates": ["TERMINATED"]}, []),
    ],
)
def test_instances_are_those_that_run(world: World, asked: Mapping[str, Any], roles: list[str]) -> None:
    """Of the groups and states that are asked for; each has an id of its own."""
    cluster, groups = grouped(world)
    found = call(world, "ListInstances", ClusterId=cluster.id, **asked)["Instances"]
    assert [each["InstanceGroupId"] for each in found] == [groups[role] for role in roles]
    assert len({each["Id"] for each in found}) == len(found)
    (core,) = call(world, "ListInstances", ClusterId=cluster.id, InstanceGroupId=groups["CORE"])["Instances"]
    assert core["InstanceType"] == "m5.xlarge"


def test_groups_change_together_or_not_at_all(world: World) -> None:
    """The first of two is not changed where the second is refused, nor where both are too many."""
    cluster, groups = grouped(world)
    for core, task in ((2, -1), (2, 2)):
        asked = [
            {"InstanceGroupId": groups["CORE"], "InstanceCount": core},
            {"InstanceGroupId": groups["TASK"], "InstanceCount": task},
        ]
        with pytest.raises(InvalidRequestError):
            call(world, "ModifyInstanceGroups", InstanceGroups=asked)
        assert [each.requested for each in cluster.groups] == [1, 1, 1]
    asked[1]["InstanceCount"] = 0
    call(world, "ModifyInstanceGroups", InstanceGroups=asked)
    assert [each.requested for each in cluster.groups] == [1, 2, 0]


def test_steps_run_one_at_a_time_and_more_is_refused(world: World) -> None:
    """ModifyCluster's other members too."""
    cluster, _ = grouped(world)
    answer = call(world, "ModifyCluster", ClusterId=cluster.id, StepConcurrencyLevel=1)
    assert answer == {"StepConcurrencyLevel": 1}
    with pytest.raises(InvalidRequestError, match="a StepConcurrencyLevel of 5; 1 is"):
        call(world, "ModifyCluster", ClusterId=cluster.id, StepConcurrencyLevel=5)
    with pytest.raises(InvalidRequestError, match="ExtendedSupport"):
        call(world, "ModifyCluster", ClusterId=cluster.id, ExtendedSupport=True)


def test_a_step_that_failed_names_its_log(world: World) -> None:
    """Where the cluster has a LogUri."""
    cluster, _ = grouped(world)
    (added,) = call(world, "AddJobFlowSteps", JobFlowId=cluster.id, Steps=[step()])["StepIds"]
    world.engine.step()
    world.end(Outcome(is_success=False, reason="Application ended with exit code 1", message="dry"))
    status = call(world, "DescribeStep", ClusterId=cluster.id, StepId=added)["Step"]["Status"]
    assert status["FailureDetails"]["LogFile"] == f"s3://b/logs/{cluster.id}/steps/{added}/stderr.gz"
    (listed,) = call(world, "ListSteps", ClusterId=cluster.id)["Steps"]
    assert listed["Status"] == status
