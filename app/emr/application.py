"""The application of EMR Serverless that the jobs run in: found by its name, made where it is missing."""

from typing import Any

from app.errors import StandError
from runtime.clock import Clock

NAME = "millrace"
RELEASE = "emr-7.9.0"
_READY = {"CREATED", "STARTING", "STARTED", "STOPPED"}
_WAIT_SECONDS = 60.0
_POLL_SECONDS = 0.1


def find(emr: Any) -> str | None:
    """Return its id; None where it is not there."""
    pages = emr.get_paginator("list_applications").paginate(states=sorted(_READY | {"CREATING"}))
    named = (each for page in pages for each in page["applications"] if each["name"] == NAME)
    return next((each["id"] for each in named), None)


def ensure(emr: Any, clock: Clock) -> str:
    """Return its id when it takes runs; it starts with the first of them, and stops when it is idle.

    Raises:
        StandError: It did not come to be.
    """
    identifier = find(emr) or _create(emr)
    deadline = clock.monotonic() + _WAIT_SECONDS
    while (state := emr.get_application(applicationId=identifier)["application"]["state"]) not in _READY:
        if clock.monotonic() > deadline:
            msg = f"EMR Serverless's application `{NAME}` is {state}, and does not become ready"
            raise StandError(msg)
        clock.sleep(_POLL_SECONDS)
    return identifier


def _create(emr: Any) -> str:
    made = emr.create_application(
        name=NAME,
        releaseLabel=RELEASE,
        type="SPARK",
        autoStartConfiguration={"enabled": True},
        autoStopConfiguration={"enabled": True, "idleTimeoutMinutes": 15},
    )
    identifier: str = made["applicationId"]
    return identifier
