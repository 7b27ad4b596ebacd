"""EMR Serverless: applications, their runs, and what becomes of them; plain Python, told the time.

Nothing happens by itself: `step` moves all on, and whoever owns the engine calls it again and again.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from localstack.providers.emr_serverless.capacity import MOST_AT_ONCE, has_room, most_vcpus, vcpus
from localstack.providers.emr_serverless.errors import ConflictError, NotFoundError, ValidationError
from localstack.providers.emr_serverless.records import ENDED, Application, Attempt, AttemptRecord, Run
from localstack.providers.emr_serverless.refusals import check_application, check_run, parameters_of
from localstack.providers.spark.configuration import properties_of
from localstack.providers.spark.errors import RefusedError
from localstack.providers.spark.reason import MOST_CHARACTERS

_ON_ITS_WAY = frozenset({"SCHEDULED", "RUNNING", "CANCELLING"})
_AT_REST = frozenset({"CREATED", "STOPPED"})
_NEXT = {"CREATING": "CREATED", "STARTING": "STARTED", "STOPPING": "STOPPED"}
_TIMEOUT_MINUTES = 720
_QUEUE_MINUTES = 360
_IDLE_MINUTES = 15
_GRACE_SECONDS = 5.0


class Attempts(Protocol):
    """Who carries attempts out."""

    def check(self, run: Run) -> None:
        """Refuse a run that will never be carried out.

        Raises:
            RefusedError: It asks for what is not supported, or not allowed.
        """
        ...

    def begin(self, run: Run) -> Attempt:
        """Begin the next attempt of a run, and return at once."""
        ...


class Engine:
    """The applications of one account in one region.

    **Threads**: any; one at a time is let in.
    """

    def __init__(self, account: str, region: str, attempts: Attempts, now: Callable[[], datetime]) -> None:
        """Begin with no application."""
        self._prefix = f"arn:aws:emr-serverless:{region}:{account}:/applications/"
        self._account = account
        self._attempts = attempts
        self._now = now
        self._lock = threading.RLock()
        self._applications: dict[str, Application] = {}
        self._runs: dict[str, Run] = {}
        self._tokens: dict[tuple[str, str], tuple[Mapping[str, Any], str]] = {}

    # Applications.

    def create_application(self, request: Mapping[str, Any]) -> Application:
        """Create one; a client token that came before answers as it did.

        Raises:
            ConflictError: The token came with another request.
            ValidationError: The request is wrong, or asks for what is not supported.
        """
        with self._lock:
            if known := self._known("", request):
                return self._applications[known]
            check_application(request)
            most_vcpus(request)
            identifier = _identifier()
            now = self._now()
            tags = dict(request.get("tags") or {})
            settings = {name: value for name, value in request.items() if name not in {"tags", "clientToken"}}
            made = Application(identifier, self._prefix + identifier, settings, tags, now, now)
            self._applications[identifier] = made
            self._remember("", request, identifier)
            return made

    def application(self, identifier: str) -> Application:
        """Return one.

        Raises:
            NotFoundError: There is none.
        """
        if identifier not in self._applications:
            raise NotFoundError(f"Application {identifier} does not exist")
        return self._applications[identifier]

    def applications(self, states: Iterable[str] | None = None) -> list[Application]:
        """Return those of some states, newest first."""
        with self._lock:
            found = [each for each in self._applications.values() if not states or each.state in states]
            return sorted(found, key=lambda each: (each.created_at, each.id), reverse=True)

    def update_application(self, identifier: str, request: Mapping[str, Any]) -> Application:
        """Change settings of one at rest.

        Raises:
            NotFoundError: There is none.
            ValidationError: It is not at rest, or the request asks for what is not supported.
        """
        with self._lock:
            application = self._at_rest(identifier, "updated")
            changes = {
                name: value for name, value in request.items() if name not in {"applicationId", "clientToken"}
            }
            check_application(changes)
            most_vcpus(changes)
            application.settings |= changes
            application.updated_at = self._now()
            return application

    def delete_application(self, identifier: str) -> None:
        """Terminate one at rest; it can still be looked at.

        Raises:
            NotFoundError: There is none.
            ValidationError: It is not at rest.
        """
        with self._lock:
            self._enter(self._at_rest(identifier, "deleted"), "TERMINATED")

    def start_application(self, identifier: str) -> None:
        """Start one; nothing happens where it is started.

        Raises:
            NotFoundError: There is none.
            ValidationError: It is stopping, or was terminated.
        """
        with self._lock:
            application = self.application(identifier)
            if application.state in _AT_REST | {"CREATING"}:
                self._enter(application, "STARTING")
            elif application.state not in {"STARTING", "STARTED"}:
                raise ValidationError(
                    f"Application {identifier} cannot be started in state {application.state}"
                )

    def stop_application(self, identifier: str) -> None:
        """Stop one whose runs have all ended.

        Raises:
            NotFoundError: There is none.
            ValidationError: Runs of it have not ended, or it was terminated.
        """
        with self._lock:
            application = self.application(identifier)
            if application.state == "TERMINATED":
                raise ValidationError(f"Application {identifier} cannot be stopped in state TERMINATED")
            if left := [run.id for run in self._of(application) if run.state not in ENDED]:
                raise ValidationError(
                    f"Application {identifier} has {len(left)} runs that have not ended, first {left[0]}; "
                    "cancel them, or wait for them"
                )
            if application.state not in _AT_REST:
                self._enter(application, "STOPPING")

    # Runs.

    def start_run(self, request: Mapping[str, Any]) -> Run:
        """Submit a run; a client token that came before answers as it did.

        Raises:
            ConflictError: The token came with another request.
            NotFoundError: There is no such application.
            ValidationError: The request asks for what is not supported, or the application is not started.
        """
        with self._lock:
            application = self.application(request["applicationId"])
            if known := self._known(application.id, request):
                return self._runs[known]
            check_run(request)
            identifier = _identifier()
            now = self._now()
            overrides = request.get("configurationOverrides") or {}
            run = Run(
                id=identifier,
                arn=f"{application.arn}/jobruns/{identifier}",
                application=application,
                request=request,
                configuration=list(application.settings.get("runtimeConfiguration") or []),
                monitoring=overrides.get("monitoringConfiguration")
                or application.settings.get("monitoringConfiguration")
                or {},
                created_by=f"arn:aws:iam::{self._account}:root",
                tags=dict(request.get("tags") or {}),
                created_at=now,
                updated_at=now,
            )
            _need(run)
            try:
                self._attempts.check(run)
            except RefusedError as error:
                raise ValidationError(str(error)) from None
            self._ensure_started(application)
            self._runs[identifier] = run
            self._remember(application.id, request, identifier)
            return run

    def run(self, application_id: str, identifier: str) -> Run:
        """Return one.

        Raises:
            NotFoundError: There is none.
        """
        run = self._runs.get(identifier)
        if run is None or run.application.id != application_id:
            raise NotFoundError(f"Job run {identifier} of application {application_id} does not exist")
        return run

    def runs(
        self,
        application_id: str,
        states: Iterable[str] | None = None,
        after: datetime | None = None,
        before: datetime | None = None,
    ) -> list[Run]:
        """Return those of an application, newest first; created after and before a moment."""
        with self._lock:
            found = [
                run
                for run in self._of(self.application(application_id))
                if (not states or run.state in states)
                and (after is None or run.created_at > after)
                and (before is None or run.created_at < before)
            ]
            return sorted(found, key=lambda run: (run.created_at, run.id), reverse=True)

    def cancel_run(self, application_id: str, identifier: str, grace_seconds: float | None = None) -> None:
        """Cancel a run; its processes end within the grace.

        Raises:
            NotFoundError: There is none.
            ValidationError: It has ended.
        """
        with self._lock:
            run = self.run(application_id, identifier)
            if run.state in ENDED:
                raise ValidationError(f"Job run {identifier} has ended: {run.state}")
            self._cancel(run, "Cancelled by CancelJobRun", grace_seconds)

    # Tags.

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of an application or a run, to be changed in place.

        Raises:
            NotFoundError: There is none of this ARN.
        """
        tagged: list[Application | Run] = [*self._applications.values(), *self._runs.values()]
        for each in tagged:
            if each.arn == arn:
                return each.tags
        raise NotFoundError(f"{arn} does not exist")

    # What time brings.

    def step(self) -> None:
        """Move all on by one state."""
        with self._lock:
            now = self._now()
            for application in self._applications.values():
                self._step_application(application, now)
            for run in self._runs.values():
                if run.state not in ENDED:
                    self._step_run(run, now)

    def _step_application(self, application: Application, now: datetime) -> None:
        if following := _NEXT.get(application.state):
            self._enter(application, following)
        elif application.state == "STARTED":
            if any(run.state not in ENDED for run in self._of(application)):
                application.idle_since = now
            rest = application.settings.get("autoStopConfiguration") or {}
            idle = timedelta(minutes=rest.get("idleTimeoutMinutes", _IDLE_MINUTES))
            if rest.get("enabled", True) and now - (application.idle_since or now) >= idle:
                self._enter(application, "STOPPING")

    def _step_run(self, run: Run, now: datetime) -> None:
        if self._is_over_time(run, now):
            self._cancel(run, f"Cancelled after {_timeout_minutes(run)} minutes, its executionTimeoutMinutes")
        match run.state:
            case "SUBMITTED":
                run.enter("PENDING", now)
            case "PENDING" | "QUEUED" if run.application.state == "STARTED":
                self._schedule(run, now)
            case "SCHEDULED" | "RUNNING" | "CANCELLING":
                self._follow(run, now)

    def _schedule(self, run: Run, now: datetime) -> None:
        taken = [each for each in self._runs.values() if each.state in _ON_ITS_WAY]
        beside = [_need(each) for each in taken if each.application is run.application]
        if len(taken) < MOST_AT_ONCE and has_room(run.application.settings, _need(run), beside):
            run.attempts.append(AttemptRecord(len(run.attempts) + 1, now, now, "SCHEDULED"))
            run.enter("SCHEDULED", now)
            run.attempt = self._attempts.begin(run)
            return
        scheduler = run.application.settings.get("schedulerConfiguration") or {}
        waits = timedelta(minutes=scheduler.get("queueTimeoutMinutes", _QUEUE_MINUTES))
        if run.state == "QUEUED" and now - run.updated_at >= waits:
            self._end(run, "FAILED", now, "No capacity was free within queueTimeoutMinutes")
        elif run.state != "QUEUED":
            run.enter("QUEUED", now, "Waits for capacity of the application or of this machine")

    def _follow(self, run: Run, now: datetime) -> None:
        attempt = run.attempt
        if attempt is None:  # cancelled before it had one
            self._end(run, "CANCELLED", now, run.details)
        elif (outcome := attempt.outcome) is None:
            if run.state == "SCHEDULED" and attempt.is_running:
                run.started_at = run.started_at or now
                run.enter("RUNNING", now)
        elif run.state == "CANCELLING":
            self._end(run, "CANCELLED", now, run.details)
        elif outcome.is_success:
            self._end(run, "SUCCESS", now, outcome.details)
        elif run.will_retry:
            run.enter("FAILED", now, outcome.details[:MOST_CHARACTERS])
            run.attempt = None
            run.state = "PENDING"
        else:
            self._end(run, "FAILED", now, outcome.details)

    def _cancel(self, run: Run, details: str, grace_seconds: float | None = None) -> None:
        if run.state != "CANCELLING":
            run.enter("CANCELLING", self._now(), details)
            if run.attempt is not None:
                run.attempt.stop(_GRACE_SECONDS if grace_seconds is None else grace_seconds)

    @staticmethod
    def _end(run: Run, state: str, now: datetime, details: str) -> None:
        run.enter(state, now, details[:MOST_CHARACTERS])
        run.ended_at = now
        run.attempt = None

    @staticmethod
    def _is_over_time(run: Run, now: datetime) -> bool:
        minutes = _timeout_minutes(run)
        return (
            bool(minutes)
            and run.started_at is not None
            and now - run.started_at >= timedelta(minutes=minutes)
        )

    # Helpers.

    def _of(self, application: Application) -> list[Run]:
        return [run for run in self._runs.values() if run.application is application]

    def _enter(self, application: Application, state: str) -> None:
        application.state, application.updated_at = state, self._now()
        if state == "STARTED":
            application.idle_since = application.updated_at

    def _at_rest(self, identifier: str, what: str) -> Application:
        application = self.application(identifier)
        if application.state not in _AT_REST:
            raise ValidationError(
                f"Application {identifier} cannot be {what} in state {application.state}; stop it first"
            )
        return application

    def _ensure_started(self, application: Application) -> None:
        is_automatic = (application.settings.get("autoStartConfiguration") or {}).get("enabled", True)
        if application.state in {"STARTED", "STARTING"}:
            return
        if application.state in {"TERMINATED", "STOPPING"} or not is_automatic:
            raise ValidationError(
                f"Application {application.id} is {application.state}, and takes no runs until it is STARTED"
            )
        self._enter(application, "STARTING")

    def _known(self, scope: str, request: Mapping[str, Any]) -> str | None:
        token = request.get("clientToken")
        if token is None or (scope, token) not in self._tokens:
            return None
        before, identifier = self._tokens[scope, token]
        if before != request:
            raise ConflictError(f"The client token {token} came before, with another request")
        return identifier

    def _remember(self, scope: str, request: Mapping[str, Any], identifier: str) -> None:
        if token := request.get("clientToken"):
            self._tokens[scope, token] = (dict(request), identifier)


def layers(run: Run) -> list[dict[str, str]]:
    """Return the layers of a run's properties, lowest first."""
    overrides = run.request.get("configurationOverrides") or {}
    return [
        properties_of(run.configuration),
        properties_of(overrides.get("applicationConfiguration") or []),
        dict(parameters_of(run.request["jobDriver"]["sparkSubmit"]).properties),
    ]


def _need(run: Run) -> int:
    properties: dict[str, str] = {}
    for layer in layers(run):
        properties |= layer
    try:
        return vcpus(properties)
    except ValueError as error:
        raise ValidationError(
            f"spark.driver.cores and spark.executor.cores must be numbers: {error}"
        ) from None


def _timeout_minutes(run: Run) -> int:
    return int(run.request.get("executionTimeoutMinutes", _TIMEOUT_MINUTES))


def _identifier() -> str:
    return uuid4().hex[:16]
