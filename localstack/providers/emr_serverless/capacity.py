"""How much of an application a run takes, and whether that is free: by vCPU, and by the number of runs."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from localstack.providers.emr_serverless.errors import ValidationError

MOST_AT_ONCE = 2
"""Runs of all applications together: a laptop carries no more Sparks than that."""

_CORES = 4
"""AWS's default of a worker; a run is taken as its driver and one executor."""


def vcpus(properties: Mapping[str, str]) -> int:
    """Return how many vCPUs a run is counted with."""
    return sum(int(properties.get(f"spark.{each}.cores", _CORES)) for each in ("driver", "executor"))


def most_vcpus(settings: Mapping[str, Any]) -> int | None:
    """Return the vCPUs of an application's maximumCapacity; None where it has none.

    Raises:
        ValidationError: It is no such number.
    """
    if not (capacity := settings.get("maximumCapacity")):
        return None
    found = re.fullmatch(r"(\d+)(\s?vCPU)?", capacity["cpu"], re.IGNORECASE)
    if not found:
        raise ValidationError(f"maximumCapacity.cpu must be such as `4 vCPU`; got `{capacity['cpu']}`")
    return int(found[1])


def has_room(settings: Mapping[str, Any], need: int, taken: Iterable[int]) -> bool:
    """Return whether an application has room for a run, beside those that are on their way."""
    taken = list(taken)
    most_runs = (settings.get("schedulerConfiguration") or {}).get("maxConcurrentRuns")
    if most_runs is not None and len(taken) >= most_runs:
        return False
    most = most_vcpus(settings)
    # One that is larger than its application runs alone: with fewer executors, as AWS would scale it.
    return most is None or not taken or sum(taken) + need <= most
