"""EMR Serverless's operations for LocalStack: requests to the engine, what it holds to answers."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from localstack.providers.emr_serverless import answers
from localstack.providers.emr_serverless.engine import Engine


def _create_application(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    made = engine.create_application(request)
    named = {"name": made.settings["name"]} if "name" in made.settings else {}
    return {"applicationId": made.id, "arn": made.arn, **named}


def _get_application(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    return {"application": answers.application(engine.application(request["applicationId"]))}


def _list_applications(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    found = [answers.application_summary(each) for each in engine.applications(request.get("states"))]
    return answers.page(found, "applications", request)


def _update_application(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    return {"application": answers.application(engine.update_application(request["applicationId"], request))}


def _delete_application(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    engine.delete_application(request["applicationId"])
    return {}


def _start_application(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    engine.start_application(request["applicationId"])
    return {}


def _stop_application(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    engine.stop_application(request["applicationId"])
    return {}


def _start_job_run(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    run = engine.start_run(request)
    return {"applicationId": run.application.id, "jobRunId": run.id, "arn": run.arn}


def _get_job_run(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    run = engine.run(request["applicationId"], request["jobRunId"])
    return {"jobRun": answers.run(run, request.get("attempt"))}


def _list_job_runs(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    found = engine.runs(
        request["applicationId"],
        request.get("states"),
        request.get("createdAtAfter"),
        request.get("createdAtBefore"),
    )
    if request.get("mode", "BATCH") != "BATCH":
        found = []  # no run of another mode was ever taken
    return answers.page([answers.run_summary(run) for run in found], "jobRuns", request)


def _cancel_job_run(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    grace = request.get("shutdownGracePeriodInSeconds")
    engine.cancel_run(request["applicationId"], request["jobRunId"], None if grace is None else float(grace))
    return {"applicationId": request["applicationId"], "jobRunId": request["jobRunId"]}


def _list_job_run_attempts(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    run = engine.run(request["applicationId"], request["jobRunId"])
    return answers.page([answers.attempt(run, each) for each in run.attempts], "jobRunAttempts", request)


def _tag_resource(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    engine.tags(request["resourceArn"]).update(request["tags"])
    return {}


def _untag_resource(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    tags = engine.tags(request["resourceArn"])
    for key in request["tagKeys"]:
        tags.pop(key, None)
    return {}


def _list_tags(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    return {"tags": engine.tags(request["resourceArn"])}


ANSWERS: Mapping[str, Callable[[Engine, Mapping[str, Any]], dict[str, Any]]] = MappingProxyType(
    {
        "CreateApplication": _create_application,
        "GetApplication": _get_application,
        "ListApplications": _list_applications,
        "UpdateApplication": _update_application,
        "DeleteApplication": _delete_application,
        "StartApplication": _start_application,
        "StopApplication": _stop_application,
        "StartJobRun": _start_job_run,
        "GetJobRun": _get_job_run,
        "ListJobRuns": _list_job_runs,
        "CancelJobRun": _cancel_job_run,
        "ListJobRunAttempts": _list_job_run_attempts,
        "TagResource": _tag_resource,
        "UntagResource": _untag_resource,
        "ListTagsForResource": _list_tags,
    }
)
