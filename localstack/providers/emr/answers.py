"""The API's shapes of what the engine holds."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from localstack.providers.emr.errors import InvalidRequestError
from localstack.providers.emr.records import TERMINATED, Cluster, Group, Step

_PAGE = 50


def cluster(found: Cluster) -> dict[str, Any]:
    """Return the shape Cluster."""
    request = found.request
    kept = ("Applications", "Configurations", "LogUri", "ReleaseLabel", "ServiceRole", "VisibleToAllUsers")
    return {
        **{name: request[name] for name in kept if name in request},
        **cluster_summary(found),
        "AutoTerminate": not found.is_kept_alive,
        "TerminationProtected": found.is_protected,
        "InstanceCollectionType": "INSTANCE_GROUP",
        "MasterPublicDnsName": "localhost",
        "StepConcurrencyLevel": 1,
        "Tags": [{"Key": key, "Value": value} for key, value in sorted(found.tags.items())],
    }


def cluster_summary(found: Cluster) -> dict[str, Any]:
    """Return the shape ClusterSummary."""
    timeline = {
        "CreationDateTime": found.created_at,
        "ReadyDateTime": found.ready_at,
        "EndDateTime": found.ended_at,
    }
    reason = {"Code": found.reason_code, "Message": found.reason} if found.reason_code else {}
    return {
        "Id": found.id,
        "Name": found.request["Name"],
        "ClusterArn": found.arn,
        "NormalizedInstanceHours": 0,
        "Status": {
            "State": found.state,
            "StateChangeReason": reason,
            "Timeline": {name: moment for name, moment in timeline.items() if moment},
        },
    }


def step(found: Step, of: Cluster) -> dict[str, Any]:
    """Return the shape Step."""
    timeline = {
        "CreationDateTime": found.created_at,
        "StartDateTime": found.started_at,
        "EndDateTime": found.ended_at,
    }
    status: dict[str, Any] = {
        "State": found.state,
        "StateChangeReason": {"Message": found.message} if found.message else {},
        "Timeline": {name: moment for name, moment in timeline.items() if moment},
    }
    if found.state == "FAILED" and found.outcome:
        details = {"Reason": found.outcome.reason, "Message": found.outcome.message}
        if log_uri := of.request.get("LogUri"):
            details["LogFile"] = f"{log_uri.rstrip('/')}/{of.id}/steps/{found.id}/stderr.gz"
        status["FailureDetails"] = details
    jar = found.request["HadoopJarStep"]
    return {
        "Id": found.id,
        "Name": found.request["Name"],
        "ActionOnFailure": found.action_on_failure,
        "Config": {"Jar": jar["Jar"], "Args": list(jar.get("Args") or []), "Properties": {}},
        "Status": status,
    }


def group(found: Group, of: Cluster) -> dict[str, Any]:
    """Return the shape InstanceGroup."""
    state = "TERMINATED" if of.state in TERMINATED else "PROVISIONING" if not of.ready_at else "RUNNING"
    if state == "RUNNING" and found.running != found.requested:
        state = "RESIZING"
    return {
        "Id": found.id,
        "Name": found.name,
        "InstanceGroupType": found.role,
        "InstanceType": found.type,
        "Market": "ON_DEMAND",
        "RequestedInstanceCount": found.requested,
        "RunningInstanceCount": found.running,
        "Status": {"State": state, "StateChangeReason": {}, "Timeline": {"CreationDateTime": of.created_at}},
    }


def instances(of: Cluster) -> list[dict[str, Any]]:
    """Return the shapes Instance of those that run; they have this machine's address, all of them."""
    return [
        {
            "Id": f"ci-{group.id.removeprefix('ig-')}{number:02}",
            "PrivateIpAddress": "127.0.0.1",
            "PrivateDnsName": "localhost",
            "Status": {"State": "RUNNING", "StateChangeReason": {}, "Timeline": {}},
            "InstanceGroupId": group.id,
            "InstanceType": group.type,
            "Market": "ON_DEMAND",
        }
        for group in of.groups
        for number in range(0 if of.state in TERMINATED else group.running)
    ]


def page(found: Sequence[dict[str, Any]], name: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return one page of what was found, under a name; the marker says where the next one begins.

    Raises:
        InvalidRequestError: The marker is none of ours.
    """
    try:
        start = int(base64.urlsafe_b64decode(request["Marker"])) if request.get("Marker") else 0
    except ValueError:
        raise InvalidRequestError("Marker is none of this service's") from None
    answer: dict[str, Any] = {name: list(found[start : start + _PAGE])}
    if start + _PAGE < len(found):
        answer["Marker"] = base64.urlsafe_b64encode(str(start + _PAGE).encode()).decode()
    return answer
