"""EMR Serverless's applications that the jobs run in: found by name, made where they are missing."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from app.errors import StandError
from runtime.clock import Clock

Cluster = Literal["local", "standalone"]
"""Where an application's Sparks run: in one process, or on a master and workers of this machine."""

NAMES: Mapping[Cluster, str] = MappingProxyType({"local": "millrace", "standalone": "millrace-cluster"})
RELEASE = "emr-7.9.0"
_READY = {"CREATED", "STARTING", "STARTED", "STOPPED"}
_WAIT_SECONDS = 60.0
_POLL_SECONDS = 0.1


def find(emr: Any, cluster: Cluster) -> str | None:
    """Return its id; None where it is not there."""
    pages = emr.get_paginator("list_applications").paginate(states=sorted(_READY | {"CREATING"}))
    named = (each for page in pages for each in page["applications"] if each["name"] == NAMES[cluster])
    return next((each["id"] for each in named), None)


def ensure(emr: Any, cluster: Cluster, clock: Clock) -> str:
    """Return its id when it takes runs; it starts with the first of them, and stops when it is idle.

    Raises:
        StandError: It did not come to be.
    """
    identifier = find(emr, cluster) or _create(emr, cluster)
    deadline = clock.monotonic() + _WAIT_SECONDS
    while (state := emr.get_application(applicationId=identifier)["application"]["state"]) not in _READY:
        if clock.monotonic() > deadline:
            msg = f"EMR Serverless's application `{NAMES[cluster]}` is {state}, and does not become ready"
            raise StandError(msg)
        clock.sleep(_POLL_SECONDS)
    return identifier


def _create(emr: Any, cluster: Cluster) -> str:
    properties = {"spark.millrace.cluster": cluster}
    made = emr.create_application(
        name=NAMES[cluster],
        releaseLabel=RELEASE,
        type="SPARK",
        autoStartConfiguration={"enabled": True},
        autoStopConfiguration={"enabled": True, "idleTimeoutMinutes": 15},
        runtimeConfiguration=[{"classification": "spark-defaults", "properties": properties}],
    )
    identifier: str = made["applicationId"]
    return identifier
