"""Jobs by EMR Serverless: their documents are AWS's, and a run is followed to its end."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import validate_parameters

from app.emr.documents import RUNS, job_names, request
from app.emr.errors import JobFailedError
from app.emr.runs import Run, Runs
from tests.support.clock import HandClock

DAYS = (date(2013, 2, 8), date(2013, 2, 9))
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_every_job_has_its_document_and_its_script() -> None:
    """By the same name."""
    assert job_names() == sorted(each.stem for each in Path("jobs").glob("*.py") if each.stem != "__init__")


@pytest.mark.parametrize("job", [each.stem for each in RUNS.glob("*.json")])
def test_a_document_is_a_request_of_start_job_run(job: str) -> None:
    """As botocore's model of the service has it; it runs the job's script, from the lake."""
    service = botocore.session.get_session().get_service_model("emr-serverless")
    shape = service.operation_model("StartJobRun").input_shape
    assert shape is not None
    filled = request(job, DAYS, lake="lake", application_id="00f1")
    token = {"clientToken": "botocore makes one"}
    validate_parameters(filled | token, shape)
    submit = filled["jobDriver"]["sparkSubmit"]
    assert filled["name"] == job
    assert submit["entryPoint"] == f"s3://lake/code/jobs/{job}.py"
    wanted = ["--lake", "s3://lake", "--from", "2013-02-08", "--to", "2013-02-09"]
    assert submit["entryPointArguments"] == wanted
    more = request(job, DAYS, lake="lake", application_id="00f1", more=["--explain"])
    assert more["jobDriver"]["sparkSubmit"]["entryPointArguments"] == [*wanted, "--explain"]


class _Emr:
    """Answers GetJobRun with one state after the other."""

    def __init__(self, *states: str) -> None:
        self._states = list(states)
        self.cancelled: list[str] = []

    def get_job_run(self, *, applicationId: str, jobRunId: str) -> dict[str, Any]:  # noqa: N803  # AWS's names
        state = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        told = {"applicationId": applicationId, "name": "job", "state": state, "stateDetails": "why"}
        return {"jobRun": told | {"createdAt": NOW, "updatedAt": NOW, "jobRunId": jobRunId}}

    def cancel_job_run(self, *, applicationId: str, jobRunId: str) -> None:  # noqa: N803  # AWS's names
        self.cancelled.append(f"{applicationId}/{jobRunId}")
        self._states = ["CANCELLING", "CANCELLED"]


def _run(state: str) -> Run:
    return Run("r", "a", "job", state, "", NOW, NOW)


def test_each_state_is_told_once() -> None:
    """In their order, the first and the last included."""
    seen: list[str] = []
    runs = Runs(_Emr("SUBMITTED", "RUNNING", "RUNNING", "SUCCESS"), None, HandClock())
    runs.follow(_run("SUBMITTED"), lambda run: seen.append(run.state))
    assert seen == ["SUBMITTED", "RUNNING", "SUCCESS"]


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_run_without_success_is_an_error(state: str) -> None:
    """It says how it ended, why, and how to see its log."""
    message = rf"job `job` {state.lower()}: why; `millrace job logs r` has its log"
    with pytest.raises(JobFailedError, match=message):
        Runs(_Emr("RUNNING", state), None, HandClock()).follow(_run("RUNNING"))


def test_a_run_whose_follower_is_interrupted_is_cancelled() -> None:
    """And nobody leaves before it is."""
    emr = _Emr("RUNNING")

    def interrupt(run: Run) -> None:
        if run.state == "RUNNING":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Runs(emr, None, HandClock()).follow(_run("SUBMITTED"), interrupt)
    assert emr.cancelled == ["a/r"]
    assert emr.get_job_run(applicationId="a", jobRunId="r")["jobRun"]["state"] == "CANCELLED"
