"""What RunJobFlow and its kin take, and what is refused by its name."""

from collections.abc import Mapping, Sequence
from typing import Any

from localstack.providers.emr.errors import InvalidRequestError, unsupported
from localstack.providers.spark.configuration import SPARK_DEFAULTS

MOST_WORKERS = 3
"""Of a cluster: each is a JVM of 256 MB, and its executors come on top."""

_TAKEN = {
    "Applications",
    "AutoTerminationPolicy",
    "Configurations",
    "Instances",
    "JobFlowRole",
    "LogUri",
    "Name",
    "ReleaseLabel",
    "ServiceRole",
    "StepConcurrencyLevel",
    "Steps",
    "Tags",
    "VisibleToAllUsers",
}
_INSTANCES = {
    "InstanceCount",
    "InstanceGroups",
    "KeepJobFlowAliveWhenNoSteps",
    "MasterInstanceType",
    "SlaveInstanceType",
    "TerminationProtected",
}
_GROUP = {"InstanceCount", "InstanceRole", "InstanceType", "Market", "Name"}
_APPLICATIONS = {"spark", "hadoop"}


def check_run(request: Mapping[str, Any]) -> None:
    """Refuse a request of RunJobFlow that names what is not supported.

    Raises:
        InvalidRequestError: It does, or is wrong.
    """
    _only(request, _TAKEN, "")
    instances = request.get("Instances") or {}
    _only(instances, _INSTANCES, "Instances.")
    if request.get("StepConcurrencyLevel", 1) != 1:
        raise unsupported("a StepConcurrencyLevel above 1: steps run one after the other")
    for each in request.get("Applications") or []:
        if str(each.get("Name", "")).lower() not in _APPLICATIONS:
            raise unsupported(f"the application {each.get('Name')}; Spark is")
    if not request.get("ReleaseLabel"):
        raise InvalidRequestError("ReleaseLabel is missing")


def check_workers(workers: int) -> None:
    """Refuse more workers than one machine can have.

    Raises:
        InvalidRequestError: There are more.
    """
    if workers > MOST_WORKERS:
        raise unsupported(f"{workers} core and task instances; {MOST_WORKERS} fit this machine")


def groups_of(instances: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the groups that a request asks for, whichever way it says so.

    Raises:
        InvalidRequestError: They are wrong, or more than one machine can have.
    """
    groups = [dict(each) for each in instances.get("InstanceGroups") or []]
    if not groups:
        count = int(instances.get("InstanceCount") or 1)
        master = instances.get("MasterInstanceType") or "m5.xlarge"
        groups = [{"InstanceRole": "MASTER", "InstanceType": master, "InstanceCount": 1}]
        if count > 1:
            slave = instances.get("SlaveInstanceType") or master
            groups.append({"InstanceRole": "CORE", "InstanceType": slave, "InstanceCount": count - 1})
    for each in groups:
        _only(each, _GROUP, "InstanceGroups.")
        if each.get("Market", "ON_DEMAND") != "ON_DEMAND":
            raise unsupported("Spot instances: nobody takes this machine away")
    roles = [each["InstanceRole"] for each in groups]
    masters = [each for each in groups if each["InstanceRole"] == "MASTER"]
    if len(masters) != 1 or masters[0]["InstanceCount"] != 1 or len(roles) != len(set(roles)):
        raise InvalidRequestError("a cluster has one MASTER instance, and one group of each role at most")
    if any(each["InstanceCount"] < 0 for each in groups):
        raise InvalidRequestError("InstanceCount cannot be below 0")
    check_workers(sum(each["InstanceCount"] for each in groups if each["InstanceRole"] != "MASTER"))
    return groups


def properties_of(configurations: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return Spark's properties of a cluster's Configurations.

    Raises:
        InvalidRequestError: A classification is another than `spark-defaults`.
    """
    properties: dict[str, str] = {}
    for each in configurations:
        if each.get("Classification") != SPARK_DEFAULTS or each.get("Configurations"):
            raise unsupported(f"the classification {each.get('Classification')}; {SPARK_DEFAULTS} is")
        properties |= each.get("Properties") or {}
    return properties


def _only(given: Mapping[str, Any], taken: set[str], where: str) -> None:
    if others := sorted(name for name, value in given.items() if name not in taken and value):
        raise unsupported(where + others[0])
