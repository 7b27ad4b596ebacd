"""EMR on EC2: clusters, their steps, and what becomes of them; plain Python, told the time.

Nothing happens by itself: `step` moves all on, and whoever owns the engine calls it again and again. Source:
AWS, Amazon EMR Management Guide, "Understanding the cluster lifecycle", "Submit work to a cluster".
"""

import secrets
import string
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from localstack.providers.emr.commands import Command, command_of
from localstack.providers.emr.errors import InvalidRequestError, ValidationError
from localstack.providers.emr.records import STEP_ENDED, TERMINATED, Cluster, Group, Machines, Step
from localstack.providers.emr.refusals import check_run, check_workers, groups_of, properties_of

MOST_CLUSTERS = 2
"""Of one account in one region that are not terminated: each is a Spark cluster of this machine."""

_ACTIVE_STEPS = 256
"""AWS's quota: steps of a cluster that are PENDING or RUNNING."""

_SHORTEST_IDLE, _LONGEST_IDLE = 60, 604_800
_LETTERS = string.ascii_uppercase + string.digits


class Engine:
    """The clusters of one account in one region.

    **Threads**: any; one at a time is let in.
    """

    def __init__(
        self,
        account: str,
        region: str,
        *,
        machines: Callable[[str, Mapping[str, Any], Mapping[str, str]], Machines],
        check: Callable[[Command], None],
        now: Callable[[], datetime],
    ) -> None:
        """Begin with no cluster.

        Args:
            account: Whose.
            region: Where.
            machines: Makes a cluster's, from its id, its request and its properties; they are off.
            check: Refuses a command that will never be carried out, by `InvalidRequestError`.
            now: The time.
        """
        self._prefix = f"arn:aws:elasticmapreduce:{region}:{account}:cluster/"
        self._machines = machines
        self._check = check
        self._now = now
        self._lock = threading.RLock()
        self._clusters: dict[str, Cluster] = {}

    # Clusters.

    def run(self, request: Mapping[str, Any]) -> Cluster:
        """Begin a cluster, with its first steps.

        Raises:
            InvalidRequestError: The request is wrong, or asks for what is not supported.
        """
        check_run(request)
        instances = request.get("Instances") or {}
        asked = groups_of(instances)
        layers = properties_of(request.get("Configurations") or [])
        steps = self._checked(request.get("Steps") or [], layers)
        idle = (request.get("AutoTerminationPolicy") or {}).get("IdleTimeout")
        _check_idle(idle)
        with self._lock:
            if sum(each.state not in TERMINATED for each in self._clusters.values()) >= MOST_CLUSTERS:
                raise InvalidRequestError(
                    f"{MOST_CLUSTERS} clusters are all that fit this machine; terminate one first"
                )
            identifier, now = _identifier("j"), self._now()
            cluster = Cluster(
                id=identifier,
                arn=self._prefix + identifier,
                request=request,
                layers=layers,
                groups=[_group(each) for each in asked],
                created_at=now,
                tags={each["Key"]: each.get("Value", "") for each in request.get("Tags") or []},
                machines=self._machines(identifier, request, layers),
                is_kept_alive=bool(instances.get("KeepJobFlowAliveWhenNoSteps")),
                is_protected=bool(instances.get("TerminationProtected")),
                idle_timeout_seconds=idle,
                steps=[Step(_identifier("s"), each, now) for each in steps],
            )
            cluster.machines.resize(cluster.workers)
            self._clusters[identifier] = cluster
            return cluster

    def cluster(self, identifier: str) -> Cluster:
        """Return one.

        Raises:
            InvalidRequestError: There is none.
        """
        if identifier not in self._clusters:
            raise InvalidRequestError(f"Cluster id '{identifier}' is not valid.")
        return self._clusters[identifier]

    def clusters(
        self,
        states: Iterable[str] | None = None,
        after: datetime | None = None,
        before: datetime | None = None,
    ) -> list[Cluster]:
        """Return those of some states, newest first; created after and before a moment."""
        with self._lock:
            found = [
                each
                for each in self._clusters.values()
                if (not states or each.state in states)
                and (after is None or each.created_at > after)
                and (before is None or each.created_at < before)
            ]
            return sorted(found, key=lambda each: (each.created_at, each.id), reverse=True)

    def terminate(self, identifiers: Sequence[str]) -> None:
        """Have clusters end, whatever they do; those that have ended stay as they are.

        Raises:
            InvalidRequestError: There is no such cluster; none is ended.
            ValidationError: One is protected; the others are ended.
        """
        with self._lock:
            clusters = [self.cluster(each) for each in identifiers]
            for each in clusters:
                if not each.is_protected:
                    self._shut_down(each, "TERMINATED", "USER_REQUEST", "Terminated by user request")
            if kept := [each.id for each in clusters if each.is_protected and each.state not in TERMINATED]:
                raise ValidationError(
                    "Could not shut down one or more job flows since they are termination protected: "
                    + ", ".join(kept)
                )

    def protect(self, identifiers: Sequence[str], *, is_protected: bool) -> None:
        """Have clusters outlive TerminateJobFlows, or not.

        Raises:
            InvalidRequestError: There is no such cluster.
        """
        for cluster in [self._living(each) for each in identifiers]:
            cluster.is_protected = is_protected

    def keep_alive(self, identifiers: Sequence[str], *, is_kept_alive: bool) -> None:
        """Have clusters wait for steps when there are none, or end.

        Raises:
            InvalidRequestError: There is no such cluster.
        """
        for cluster in [self._living(each) for each in identifiers]:
            cluster.is_kept_alive = is_kept_alive

    def set_idle_timeout(self, identifier: str, seconds: int | None) -> None:
        """Have a cluster end when it was idle for so long; None for never.

        Raises:
            InvalidRequestError: There is no such cluster, or it is too short or too long.
        """
        _check_idle(seconds)
        self._living(identifier).idle_timeout_seconds = seconds

    def resize(self, groups: Sequence[Mapping[str, Any]]) -> None:
        """Change how many instances groups have: workers come, or go with the executors that they run.

        Raises:
            InvalidRequestError: There is no such group, or it cannot have so many; none is changed.
        """
        with self._lock:
            asked: dict[str, int] = {}
            clusters = {}
            for each in groups:
                cluster, group = self._group(each["InstanceGroupId"])
                wanted = int(each.get("InstanceCount", group.requested))
                if group.role == "MASTER" or wanted < (group.role == "CORE"):
                    raise InvalidRequestError(f"a {group.role} group cannot have {wanted} instances")
                asked[group.id], clusters[cluster.id] = wanted, cluster
            for cluster in clusters.values():
                check_workers(sum(asked.get(each.id, each.requested) for each in cluster.groups) - 1)
            for cluster in clusters.values():
                for group in cluster.groups:
                    group.requested = asked.get(group.id, group.requested)
                cluster.machines.resize(cluster.workers)

    # Steps.

    def add(self, identifier: str, requests: Sequence[Mapping[str, Any]]) -> list[Step]:
        """Put steps behind those that there are.

        Raises:
            InvalidRequestError: There is no such cluster, or one asks for what is not supported.
            ValidationError: The cluster ends, or has too many.
        """
        with self._lock:
            cluster = self._living(identifier)
            checked = self._checked(requests, cluster.layers)
            left = sum(step.state not in STEP_ENDED for step in cluster.steps)
            if left + len(checked) > _ACTIVE_STEPS:
                raise ValidationError(f"a cluster has at most {_ACTIVE_STEPS} steps that have not ended")
            added = [Step(_identifier("s"), each, self._now()) for each in checked]
            cluster.steps += added
            return added

    def found_step(self, identifier: str, step_id: str) -> Step:
        """Return a step.

        Raises:
            InvalidRequestError: There is none.
        """
        for step in self.cluster(identifier).steps:
            if step.id == step_id:
                return step
        raise InvalidRequestError(f"Step id '{step_id}' is not valid.")

    def cancel(self, identifier: str, step_ids: Sequence[str]) -> dict[str, str]:
        """Cancel steps, and return what kept one from it, by its id; empty for one that is cancelled.

        Raises:
            InvalidRequestError: There is no such cluster or step.
        """
        with self._lock:
            answers = {}
            for step in [self.found_step(identifier, each) for each in step_ids]:
                answers[step.id] = ""
                if step.state == "PENDING":
                    self._end(step, "CANCELLED", "Cancelled by user request")
                elif step.state == "RUNNING":
                    self._stop(step)
                else:
                    answers[step.id] = f"the step has ended: {step.state}"
            return answers

    # What time brings.

    def step(self) -> None:
        """Move all on by one state."""
        with self._lock:
            for cluster in self._clusters.values():
                if cluster.state == "TERMINATING":
                    self._terminating(cluster)
                elif cluster.state not in TERMINATED:
                    self._living_on(cluster, self._now())

    def _living_on(self, cluster: Cluster, now: datetime) -> None:
        machines = cluster.machines
        if machines.failure:
            why = "INSTANCE_FAILURE" if cluster.ready_at else "BOOTSTRAP_FAILURE"
            self._shut_down(cluster, "TERMINATED_WITH_ERRORS", why, machines.failure)
            return
        if machines.is_up:
            for group in cluster.groups:
                group.running = group.requested
            if cluster.state == "STARTING":
                cluster.state, cluster.ready_at, cluster.idle_since = "WAITING", now, now
        for step in cluster.steps:
            if step.state == "RUNNING":
                self._follow(cluster, step)
        is_free = not any(step.state == "RUNNING" for step in cluster.steps)
        if is_free and cluster.state in {"WAITING", "RUNNING"}:
            self._next(cluster, now)

    def _next(self, cluster: Cluster, now: datetime) -> None:
        pending = next((step for step in cluster.steps if step.state == "PENDING"), None)
        if pending:
            cluster.state, cluster.idle_since = "RUNNING", None
            pending.state, pending.started_at = "RUNNING", now
            pending.attempt = cluster.machines.run(pending)
            return
        if cluster.state == "RUNNING" or cluster.idle_since is None:
            cluster.state, cluster.idle_since = "WAITING", now
        idle = cluster.idle_timeout_seconds
        if not cluster.is_kept_alive:
            self._shut_down(cluster, "TERMINATED", "ALL_STEPS_COMPLETED", "Steps completed")
        elif idle is not None and now - cluster.idle_since >= timedelta(seconds=idle):
            message = f"Terminated after {idle} s without a step"
            self._shut_down(cluster, "TERMINATED", "AUTO_TERMINATION", message)

    def _follow(self, cluster: Cluster, step: Step) -> None:
        outcome = step.attempt.outcome if step.attempt else None
        if outcome is None:
            return
        step.outcome = outcome
        if step.is_cancelling:
            self._end(step, "CANCELLED", "Cancelled by user request")
        elif outcome.is_success:
            self._end(step, "COMPLETED", "")
        else:
            self._end(step, "FAILED", outcome.message)
            self._fail(cluster, step)

    def _fail(self, cluster: Cluster, step: Step) -> None:
        """Do what ActionOnFailure says."""
        if step.action_on_failure == "CONTINUE":
            return
        for each in cluster.steps:
            if each.state == "PENDING":
                self._end(each, "CANCELLED", f"Cancelled because step {step.id} failed")
        if step.action_on_failure == "TERMINATE_CLUSTER" and not cluster.is_protected:
            self._shut_down(cluster, "TERMINATED_WITH_ERRORS", "STEP_FAILURE", "Shut down as step failed")

    def _shut_down(self, cluster: Cluster, ending: str, code: str, reason: str) -> None:
        if cluster.state in TERMINATED | {"TERMINATING"}:
            return
        cluster.state, cluster.ending = "TERMINATING", ending
        cluster.reason_code, cluster.reason = code, reason
        for step in cluster.steps:
            if step.state == "PENDING":
                self._end(step, "CANCELLED", "The cluster was terminated")
            elif step.state == "RUNNING":
                self._stop(step)

    def _terminating(self, cluster: Cluster) -> None:
        for step in cluster.steps:
            if step.state == "RUNNING" and step.attempt and step.attempt.outcome is not None:
                self._end(step, "CANCELLED", "The cluster was terminated")
        if any(step.state == "RUNNING" for step in cluster.steps):
            return
        cluster.machines.stop()
        if cluster.machines.is_down:
            cluster.state, cluster.ended_at = cluster.ending, self._now()
            for group in cluster.groups:
                group.running = 0

    # Helpers.

    @staticmethod
    def _stop(step: Step) -> None:
        step.is_cancelling = True
        if step.attempt:
            step.attempt.stop()

    def _end(self, step: Step, state: str, message: str) -> None:
        step.state, step.message, step.ended_at, step.attempt = state, message, self._now(), None

    def _checked(
        self, steps: Sequence[Mapping[str, Any]], layers: Mapping[str, str]
    ) -> list[Mapping[str, Any]]:
        for each in steps:
            self._check(command_of(each, layers))
        return list(steps)

    def _living(self, identifier: str) -> Cluster:
        cluster = self.cluster(identifier)
        if cluster.state in TERMINATED | {"TERMINATING"}:
            raise ValidationError(
                f"A job flow that is shutting down, terminated, or finished may not be modified: {identifier}"
            )
        return cluster

    def _group(self, identifier: str) -> tuple[Cluster, Group]:
        for cluster in self._clusters.values():
            for group in cluster.groups:
                if group.id == identifier:
                    return self._living(cluster.id), group
        raise InvalidRequestError(f"Instance group id '{identifier}' is not valid.")


def _group(asked: Mapping[str, Any]) -> Group:
    role = asked["InstanceRole"]
    name = asked.get("Name") or f"{role.title()} Instance Group"
    return Group(_identifier("ig"), role, asked["InstanceType"], name, int(asked["InstanceCount"]))


def _check_idle(seconds: int | None) -> None:
    if seconds is not None and not _SHORTEST_IDLE <= seconds <= _LONGEST_IDLE:
        raise InvalidRequestError(
            f"IdleTimeout must be from {_SHORTEST_IDLE} to {_LONGEST_IDLE} seconds; got {seconds}"
        )


def _identifier(prefix: str) -> str:
    return f"{prefix}-{''.join(secrets.choice(_LETTERS) for _ in range(13))}"
