"""EMR's operations for LocalStack: requests to the engine, what it holds to answers."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from localstack.providers.emr import answers
from localstack.providers.emr.engine import Engine
from localstack.providers.emr.errors import unsupported


def _run_job_flow(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    made = engine.run(request)
    return {"JobFlowId": made.id, "ClusterArn": made.arn}


def _describe_cluster(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    return {"Cluster": answers.cluster(engine.cluster(request["ClusterId"]))}


def _list_clusters(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    times = request.get("CreatedAfter"), request.get("CreatedBefore")
    found = engine.clusters(request.get("ClusterStates"), *times)
    return answers.page([answers.cluster_summary(each) for each in found], "Clusters", request)


def _terminate(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    engine.terminate(request["JobFlowIds"])
    return {}


def _protect(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    engine.protect(request["JobFlowIds"], is_protected=request["TerminationProtected"])
    return {}


def _keep_alive(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    engine.keep_alive(request["JobFlowIds"], is_kept_alive=request["KeepJobFlowAliveWhenNoSteps"])
    return {}


def _put_policy(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    idle = (request.get("AutoTerminationPolicy") or {}).get("IdleTimeout", 3600)
    engine.set_idle_timeout(request["ClusterId"], idle)
    return {}


def _remove_policy(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    engine.set_idle_timeout(request["ClusterId"], None)
    return {}


def _get_policy(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    seconds = engine.cluster(request["ClusterId"]).idle_timeout_seconds
    return {} if seconds is None else {"AutoTerminationPolicy": {"IdleTimeout": seconds}}


def _list_groups(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    cluster = engine.cluster(request["ClusterId"])
    found = [answers.group(each, cluster) for each in cluster.groups]
    return answers.page(found, "InstanceGroups", request)


def _modify_groups(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    for each in request.get("InstanceGroups") or []:
        taken = {"InstanceGroupId", "InstanceCount"}
        if others := sorted(name for name in each if name not in taken and each[name]):
            raise unsupported(f"InstanceGroups.{others[0]}")
    engine.resize(request.get("InstanceGroups") or [])
    return {}


def _list_instances(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    cluster = engine.cluster(request["ClusterId"])
    for name in ("InstanceFleetId", "InstanceFleetType"):
        if request.get(name):
            raise unsupported(name)
    roles, states = request.get("InstanceGroupTypes"), request.get("InstanceStates")
    wanted = {
        each.id
        for each in cluster.groups
        if request.get("InstanceGroupId", each.id) == each.id and (not roles or each.role in roles)
    }
    found = [
        each
        for each in answers.instances(cluster)
        if each["InstanceGroupId"] in wanted and (not states or each["Status"]["State"] in states)
    ]
    return answers.page(found, "Instances", request)


def _modify_cluster(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    engine.cluster(request["ClusterId"])
    if (level := request.get("StepConcurrencyLevel", 1)) != 1:
        raise unsupported(f"a StepConcurrencyLevel of {level}; 1 is")
    if request.get("ExtendedSupport"):
        raise unsupported("ExtendedSupport")
    return {"StepConcurrencyLevel": 1}


def _add_steps(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    return {"StepIds": [step.id for step in engine.add(request["JobFlowId"], request["Steps"])]}


def _describe_step(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    found = engine.found_step(request["ClusterId"], request["StepId"])
    return {"Step": answers.step(found, engine.cluster(request["ClusterId"]))}


def _list_steps(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    states, ids = request.get("StepStates"), request.get("StepIds")
    cluster = engine.cluster(request["ClusterId"])
    found = [
        answers.step(each, cluster)
        for each in reversed(cluster.steps)
        if (not states or each.state in states) and (not ids or each.id in ids)
    ]
    return answers.page(found, "Steps", request)


def _cancel_steps(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    kept = engine.cancel(request["ClusterId"], request["StepIds"])
    told = [
        {"StepId": step, "Status": "FAILED", "Reason": reason}
        if reason
        else {"StepId": step, "Status": "SUBMITTED"}
        for step, reason in kept.items()
    ]
    return {"CancelStepsInfoList": told}


def _add_tags(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    tags = engine.cluster(request["ResourceId"]).tags
    tags.update({each["Key"]: each.get("Value", "") for each in request["Tags"]})
    return {}


def _remove_tags(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    tags = engine.cluster(request["ResourceId"]).tags
    for key in request["TagKeys"]:
        tags.pop(key, None)
    return {}


ANSWERS: Mapping[str, Callable[[Engine, Mapping[str, Any]], dict[str, Any]]] = MappingProxyType(
    {
        "RunJobFlow": _run_job_flow,
        "DescribeCluster": _describe_cluster,
        "ListClusters": _list_clusters,
        "TerminateJobFlows": _terminate,
        "SetTerminationProtection": _protect,
        "SetKeepJobFlowAliveWhenNoSteps": _keep_alive,
        "PutAutoTerminationPolicy": _put_policy,
        "RemoveAutoTerminationPolicy": _remove_policy,
        "GetAutoTerminationPolicy": _get_policy,
        "ListInstanceGroups": _list_groups,
        "ModifyInstanceGroups": _modify_groups,
        "ListInstances": _list_instances,
        "ModifyCluster": _modify_cluster,
        "AddJobFlowSteps": _add_steps,
        "DescribeStep": _describe_step,
        "ListSteps": _list_steps,
        "CancelSteps": _cancel_steps,
        "AddTags": _add_tags,
        "RemoveTags": _remove_tags,
    }
)
