"""EMR Serverless's applications that the jobs run in: found by name, made where they are missing."""

from typing import Any, Literal

from app.errors import StandError
from runtime.clock import Clock

Cluster = Literal["local", "standalone"]
"""Where an application's Sparks run: in one process, or on a master and workers of their own."""

NAMES: dict[Cluster, str] = {"local": "millrace", "standalone": "millrace-cluster"}
RELEASE = "emr-7.9.0"
_READY = {"CREATED", "STARTING", "STARTED", "STOPPED"}
_WAIT_SECONDS = 60.0
_POLL_SECONDS = 0.1


def find(emr: Any, cluster: Cluster) -> str | None:
    """Return the id of an application; None where it is not there."""
    pages = emr.get_paginator("list_applications").paginate(states=sorted(_READY | {"CREATING"}))
    named = (each for page in pages for each in page["applications"] if each["name"] == NAMES[cluster])
    return next((each["id"] for each in named), None)


def ensure(emr: Any, cluster: Cluster, clock: Clock) -> str:
    """Return the id of an application that takes runs; it starts with the first and stops when idle.

    Raises:
        StandError: It did not come to be.
    """
    identifier = find(emr, cluster) or _create(emr, cluster)
    deadline = clock.monotonic() + _WAIT_SECONDS
    while (found := emr.get_application(applicationId=identifier)["application"])["state"] not in _READY:
        if clock.monotonic() > deadline:
            msg = f"EMR Serverless's application `{found['name']}` is {found['state']}, and not ready"
            raise StandError(msg)
        clock.sleep(_POLL_SECONDS)
    return identifier


def _create(emr: Any, cluster: Cluster) -> str:
    properties = {"spark.millrace.cluster": cluster}
    layers = [{"classification": "spark-defaults", "properties": properties}]
    made = emr.create_application(
        name=NAMES[cluster],
        releaseLabel=RELEASE,
        type="SPARK",
        autoStartConfiguration={"enabled": True},
        autoStopConfiguration={"enabled": True, "idleTimeoutMinutes": 15},
        **({} if cluster == "local" else {"runtimeConfiguration": layers}),
    )
    identifier: str = made["applicationId"]
    return identifier
