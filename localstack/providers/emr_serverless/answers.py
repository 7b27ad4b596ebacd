"""The API's shapes of what the engine holds."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from localstack.providers.emr_serverless.errors import NotFoundError, ValidationError
from localstack.providers.emr_serverless.records import Application, AttemptRecord, Run

_MOST_RESULTS = 50
_SUMMARY = ("name", "releaseLabel", "architecture")


def application(found: Application) -> dict[str, Any]:
    """Return the shape Application."""
    return {
        **found.settings,
        "applicationId": found.id,
        "arn": found.arn,
        "state": found.state,
        "stateDetails": found.details,
        "createdAt": found.created_at,
        "updatedAt": found.updated_at,
        "tags": found.tags,
    }


def application_summary(found: Application) -> dict[str, Any]:
    """Return the shape ApplicationSummary."""
    return {
        **{name: found.settings[name] for name in _SUMMARY if name in found.settings},
        "id": found.id,
        "arn": found.arn,
        "type": found.settings["type"],
        "state": found.state,
        "stateDetails": found.details,
        "createdAt": found.created_at,
        "updatedAt": found.updated_at,
    }


def run(found: Run, number: int | None = None) -> dict[str, Any]:
    """Return the shape JobRun, as of one attempt where a number is given.

    Raises:
        NotFoundError: There is no such attempt.
    """
    request = found.request
    kept = ("configurationOverrides", "executionTimeoutMinutes", "retryPolicy")
    answer = {
        **_common(found),
        **{name: request[name] for name in kept if name in request},
        "jobRunId": found.id,
        "jobDriver": request["jobDriver"],
        "tags": found.tags,
        "totalExecutionDurationSeconds": _duration_seconds(found.started_at, found.ended_at),
    }
    if number is not None:
        if not 1 <= number <= len(found.attempts):
            raise NotFoundError(f"Job run {found.id} has no attempt {number}")
        one = found.attempts[number - 1]
        answer |= {"state": one.state, "stateDetails": one.details, **_attempt(one)}
    for name, moment in (("startedAt", found.started_at), ("endedAt", found.ended_at)):
        if moment:
            answer[name] = moment
    return answer


def run_summary(found: Run) -> dict[str, Any]:
    """Return the shape JobRunSummary."""
    return {**_common(found), "id": found.id, "type": "SPARK"}


def attempt(found: Run, one: AttemptRecord) -> dict[str, Any]:
    """Return the shape JobRunAttemptSummary."""
    return {
        **_common(found),
        "id": found.id,
        "type": "SPARK",
        "jobCreatedAt": found.created_at,
        "createdAt": one.created_at,
        "updatedAt": one.updated_at,
        "state": one.state,
        "stateDetails": one.details,
        "attempt": one.number,
    }


def page(found: Sequence[dict[str, Any]], name: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return one page of what was found, under a name; the token says where the next one begins.

    Raises:
        ValidationError: The token is none of ours, or maxResults is out of bounds.
    """
    most = int(request.get("maxResults") or _MOST_RESULTS)
    if not 1 <= most <= _MOST_RESULTS:
        raise ValidationError(f"maxResults must be from 1 to {_MOST_RESULTS}; got {most}")
    try:
        start = int(base64.urlsafe_b64decode(request["nextToken"])) if request.get("nextToken") else 0
    except ValueError:
        raise ValidationError("nextToken is none of this service's") from None
    answer: dict[str, Any] = {name: list(found[start : start + most])}
    if start + most < len(found):
        answer["nextToken"] = base64.urlsafe_b64encode(str(start + most).encode()).decode()
    return answer


def _common(found: Run) -> dict[str, Any]:
    named = {"name": found.request["name"]} if "name" in found.request else {}
    return {
        **named,
        **(_attempt(found.attempts[-1]) if found.attempts else {}),
        "applicationId": found.application.id,
        "arn": found.arn,
        "createdBy": found.created_by,
        "createdAt": found.created_at,
        "updatedAt": found.updated_at,
        "executionRole": found.request["executionRoleArn"],
        "state": found.state,
        "stateDetails": found.details,
        "releaseLabel": found.application.settings["releaseLabel"],
        "mode": "BATCH",
    }


def _attempt(one: AttemptRecord) -> dict[str, Any]:
    return {"attempt": one.number, "attemptCreatedAt": one.created_at, "attemptUpdatedAt": one.updated_at}


def _duration_seconds(start: datetime | None, end: datetime | None) -> int:
    return int((end - start).total_seconds()) if start and end else 0
