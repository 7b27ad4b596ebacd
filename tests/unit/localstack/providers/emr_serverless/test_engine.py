"""Applications and runs, told the time, with attempts that end when they are told to."""

from typing import Any

import pytest

from localstack.providers.emr_serverless.engine import Engine
from localstack.providers.emr_serverless.errors import ConflictError, NotFoundError, ValidationError
from localstack.providers.emr_serverless.records import Outcome, Run
from localstack.providers.spark.errors import RefusedError
from tests.support.clock import HandClock


class FakeAttempt:
    """One that does what the test says."""

    def __init__(self) -> None:
        """Begin."""
        self.is_running = False
        self.outcome: Outcome | None = None
        self.grace: float | None = None

    def stop(self, grace_seconds: float) -> None:
        """See `Attempt.stop`."""
        self.grace = grace_seconds


class FakeAttempts:
    """Keeps what was begun."""

    def __init__(self) -> None:
        """Begin with none."""
        self.begun: list[FakeAttempt] = []
        self.refusal = ""

    def check(self, run: Run) -> None:
        """See `Attempts.check`."""
        if self.refusal:
            raise RefusedError(self.refusal)
        assert run.state == "SUBMITTED"

    def begin(self, run: Run) -> FakeAttempt:
        """See `Attempts.begin`."""
        assert run.state == "SCHEDULED"
        self.begun.append(FakeAttempt())
        return self.begun[-1]


class World:
    """An engine with its clock and its attempts."""

    def __init__(self) -> None:
        """Begin empty."""
        self.clock = HandClock()
        self.attempts = FakeAttempts()
        self.engine = Engine("000000000000", "us-east-1", self.attempts, self.clock.now)

    def application(self, **settings: Any) -> str:
        """Create one, and return its id."""
        return self.engine.create_application({"releaseLabel": "emr-7.9.0", "type": "SPARK", **settings}).id

    def start(self, application: str, **settings: Any) -> Run:
        """Start a run."""
        submit = {"entryPoint": "s3://b/x.py", **settings.pop("submit", {})}
        request = {
            "applicationId": application,
            "executionRoleArn": "role",
            "jobDriver": {"sparkSubmit": submit},
        }
        return self.engine.start_run(request | settings)

    def settle(self) -> None:
        """Let all go as far as it goes without time."""
        for _ in range(6):
            self.engine.step()


@pytest.fixture
def world() -> World:
    """Begin with an empty world."""
    return World()


def test_a_run_goes_through_its_states(world: World) -> None:
    """It starts its application; no state is left out."""
    application = world.application()
    run = world.start(application)
    seen = []
    for _ in range(5):
        seen.append(run.state)
        world.engine.step()
    (attempt,) = world.attempts.begun
    attempt.is_running = True
    world.engine.step()
    seen.append(run.state)
    attempt.outcome = Outcome(is_success=True)
    world.engine.step()
    assert [*dict.fromkeys(seen), run.state] == ["SUBMITTED", "PENDING", "SCHEDULED", "RUNNING", "SUCCESS"]
    assert world.engine.application(application).state == "STARTED"


def test_a_failure_is_tried_again(world: World) -> None:
    """As often as the policy says."""
    run = world.start(world.application(), retryPolicy={"maxAttempts": 2})
    for number in (1, 2):
        world.settle()
        assert len(world.attempts.begun) == number
        world.attempts.begun[-1].outcome = Outcome(is_success=False, details=f"{number}" * 300)
    world.settle()
    assert (run.state, run.details) == ("FAILED", "2" * 256)
    assert [(each.state, each.details[:1]) for each in run.attempts] == [("FAILED", "1"), ("FAILED", "2")]


def test_a_cancel_waits_for_the_processes(world: World) -> None:
    """CANCELLED only when they have ended; a run that waits is cancelled at once."""
    application = world.application(schedulerConfiguration={"maxConcurrentRuns": 1})
    run, other = world.start(application), world.start(application)
    world.settle()
    assert (run.state, other.state) == ("SCHEDULED", "QUEUED")
    world.engine.cancel_run(application, run.id, 30)
    world.engine.cancel_run(application, other.id)
    world.settle()
    assert (run.state, other.state) == ("CANCELLING", "CANCELLED")
    (attempt,) = world.attempts.begun
    assert attempt.grace == 30
    attempt.outcome = Outcome(is_success=False, details="killed")
    world.settle()
    assert (run.state, run.details) == ("CANCELLED", "Cancelled by CancelJobRun")
    with pytest.raises(ValidationError, match="has ended: CANCELLED"):
        world.engine.cancel_run(application, run.id)


def test_a_run_over_its_time_is_cancelled(world: World) -> None:
    """The time counts from its start; 0 is none."""
    application = world.application()
    run = world.start(application, executionTimeoutMinutes=1)
    endless = world.start(application, executionTimeoutMinutes=0)
    world.settle()
    for attempt in world.attempts.begun:
        attempt.is_running = True
    world.settle()
    world.clock.sleep(59)
    world.settle()
    assert run.state == "RUNNING"
    world.clock.sleep(1)
    world.settle()
    assert (run.state, endless.state) == ("CANCELLING", "RUNNING")
    assert "executionTimeoutMinutes" in run.details


def test_capacity_is_shared(world: World) -> None:
    """By vCPU, a driver and one executor; what waits goes on, or fails after its time in the queue."""
    settings = {"maximumCapacity": {"cpu": "10 vCPU", "memory": "1 GB"}}
    application = world.application(**settings, schedulerConfiguration={"queueTimeoutMinutes": 5})
    first, second = world.start(application), world.start(application)
    small = world.start(
        application,
        submit={"sparkSubmitParameters": "--driver-cores 1 --executor-cores 1"},
    )
    world.settle()
    assert [run.state for run in (first, second, small)] == ["SCHEDULED", "QUEUED", "SCHEDULED"]
    world.clock.sleep(300)
    world.settle()
    assert (second.state, "queueTimeoutMinutes" in second.details) == ("FAILED", True)
    third = world.start(application)
    world.settle()
    for attempt in world.attempts.begun:
        attempt.outcome = Outcome(is_success=True)
    world.settle()
    assert third.state == "SCHEDULED"


def test_tokens_make_a_request_idempotent(world: World) -> None:
    """Of applications and of runs; another request is a conflict."""
    application = world.application(clientToken="a")
    assert world.application(clientToken="a") == application
    with pytest.raises(ConflictError, match="another request"):
        world.application(clientToken="a", name="other")
    run = world.start(application, clientToken="a")
    assert world.start(application, clientToken="a") is run
    with pytest.raises(ConflictError, match="another request"):
        world.start(application, clientToken="a", name="other")


def test_an_idle_application_stops(world: World) -> None:
    """Fifteen minutes after its last run, unless it is not to."""
    idle, kept = world.application(), world.application(autoStopConfiguration={"enabled": False})
    run = world.start(idle)
    world.engine.start_application(kept)
    world.settle()
    world.clock.sleep(3600)
    world.settle()
    assert world.engine.application(idle).state == "STARTED"
    world.attempts.begun[0].outcome = Outcome(is_success=True)
    world.settle()
    assert run.state == "SUCCESS"
    world.clock.sleep(899)
    world.settle()
    assert world.engine.application(idle).state == "STARTED"
    world.clock.sleep(901)
    world.settle()
    assert world.engine.application(idle).state == "STOPPED"
    assert world.engine.application(kept).state == "STARTED"


def test_an_application_that_is_not_started_takes_no_run(world: World) -> None:
    """Where it is not to start by itself; nor is it started by what is refused."""
    application = world.application(autoStartConfiguration={"enabled": False})
    with pytest.raises(ValidationError, match="takes no runs until it is STARTED"):
        world.start(application)
    other = world.application()
    world.attempts.refusal = "`x` is not on this machine"
    with pytest.raises(ValidationError, match="not on this machine"):
        world.start(other)
    world.settle()
    assert world.engine.application(other).state == "CREATED"
    assert not world.engine.runs(other)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"mode": "STREAMING"}, "mode STREAMING"),
        ({"retryPolicy": {"maxFailedAttemptsPerHour": 1}}, "maxFailedAttemptsPerHour"),
        ({"executionIamPolicy": {"policy": "{}"}}, "executionIamPolicy"),
        ({"jobDriver": {"hive": {"query": "s3://b/q"}}}, r"jobDriver\.hive"),
        ({"jobDriver": {}}, "sparkSubmit is required"),
        ({"submit": {"entryPoint": "/x.py"}}, "must be an s3:// URI"),
        ({"submit": {"sparkSubmitParameters": "--master x"}}, "`--master`"),
        ({"submit": {"sparkSubmitParameters": "--driver-cores x"}}, "must be numbers"),
        (
            {
                "configurationOverrides": {
                    "monitoringConfiguration": {"prometheusMonitoringConfiguration": {"remoteWriteUrl": "u"}}
                }
            },
            "prometheusMonitoringConfiguration",
        ),
        (
            {"configurationOverrides": {"applicationConfiguration": [{"classification": "hive-site"}]}},
            "`hive-site`",
        ),
    ],
)
def test_what_is_not_supported_is_named(world: World, settings: dict[str, Any], message: str) -> None:
    """And no run is there."""
    application = world.application()
    with pytest.raises(ValidationError, match=message):
        world.start(application, **settings)
    assert not world.engine.runs(application)


@pytest.mark.parametrize("name", ["networkConfiguration", "imageConfiguration", "workerTypeSpecifications"])
def test_settings_of_an_application_that_are_not_supported_are_named(world: World, name: str) -> None:
    """When it is made, and when it is changed."""
    with pytest.raises(ValidationError, match=name):
        world.application(**{name: {"x": "y"}})
    application = world.application()
    world.settle()
    with pytest.raises(ValidationError, match=name):
        world.engine.update_application(application, {name: {"x": "y"}})
    with pytest.raises(ValidationError, match="maximumCapacity"):
        world.engine.update_application(application, {"maximumCapacity": {"cpu": "many", "memory": "1 GB"}})


def test_runs_are_found_by_state_and_moment(world: World) -> None:
    """Newest first, of one application alone."""
    application, other = world.application(), world.application()
    first = world.start(application)
    world.clock.sleep(10)
    second = world.start(application)
    assert world.engine.runs(application) == [second, first]
    assert world.engine.runs(application, after=first.created_at) == [second]
    assert world.engine.runs(application, before=second.created_at) == [first]
    assert world.engine.runs(application, states=["SUCCESS"]) == []
    with pytest.raises(NotFoundError, match=first.id):
        world.engine.run(other, first.id)
    with pytest.raises(NotFoundError, match="nothere"):
        world.engine.runs("nothere")
