"""Lambda functions, and what invokes them: made where they are missing, updated where they differ."""

import base64
import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import localstack_client.session

from localstack.bootstrap.change import Action, Change, ResourceDiffersError, ResourceFailedError
from localstack.bootstrap.zips import build_zip
from runtime.clock import SystemClock
from runtime.settings import Settings

RUNTIME = "python3.13"
_ACCOUNT = "000000000000"
_WAIT = {"Delay": 1, "MaxAttempts": 60}
_CLOCK = SystemClock()
_LEFT_OUT = {"Disabled", "Disabling"}
_LOOK_SECONDS = 0.2
_SETTLED_WITHIN_SECONDS = 60.0
_MAPPING_DEFAULTS = {
    "BisectBatchOnFunctionError": False,
    "FilterCriteria": {},
    "FunctionResponseTypes": [],
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
}
"""Said each time, so that a setting that is no longer desired goes."""
_UNSETTLED = {"Creating", "Updating", "Enabling", "Disabling"}


def dead_letters(function: str) -> str:
    """Return the name of the queue of what a function has failed at."""
    return f"{function}-dead-letters"


class Functions:
    """Deploys functions to the local Lambda."""

    def __init__(self, settings: Settings, site_packages: Path, names: dict[str, str]) -> None:
        """Take what the functions are told, where their packages are, and what names in capitals mean."""
        self._settings = settings
        self._site_packages = site_packages
        self._names = names
        session: Any = localstack_client.session.Session()
        self._lambda = session.client("lambda")
        self._dynamodb = session.client("dynamodb")
        self._s3 = session.client("s3")
        self._events = session.client("events")

    def function(self, desired: dict[str, Any]) -> Change:
        """Deploy a function, and wait until it can be invoked."""
        name = desired["name"]
        code = build_zip(desired["module"], self._site_packages)
        sha256 = base64.b64encode(hashlib.sha256(code).digest()).decode()
        configuration = self._configuration(desired)
        action: Action = "unchanged"
        try:
            there = self._lambda.get_function_configuration(FunctionName=name)
        except self._lambda.exceptions.ResourceNotFoundException:
            self._lambda.create_function(FunctionName=name, Code={"ZipFile": code}, **configuration)
            action = "created"
        else:
            if any(there.get(key) != wanted for key, wanted in configuration.items()):
                self._lambda.update_function_configuration(FunctionName=name, **configuration)
                self._lambda.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig=_WAIT)
                action = "updated"
            if there["CodeSha256"] != sha256:
                self._lambda.update_function_code(FunctionName=name, ZipFile=code)
                self._lambda.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig=_WAIT)
                action = "updated"
        self._lambda.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=_WAIT)
        if "reserved_concurrency" in desired:
            reserved = desired["reserved_concurrency"]
            self._lambda.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
        else:  # a demo that was killed may have left it none
            self._lambda.delete_function_concurrency(FunctionName=name)
        return Change(f"function {name}", action)

    def mapping(self, function: str, desired: dict[str, Any]) -> Change:
        """Map a stream, or a table's stream, to a function, and wait until it is enabled.

        Raises:
            ResourceDiffersError: It is there, and began elsewhere in the stream.
            ResourceFailedError: It is not enabled after a minute.
        """
        source = self._stream_arn(desired)
        destination = {"OnFailure": {"Destination": self._arn("sqs", dead_letters(function))}}
        request = _MAPPING_DEFAULTS | desired["settings"] | {"DestinationConfig": destination}
        if "filter" in desired:
            request["FilterCriteria"] = {"Filters": [{"Pattern": json.dumps(desired["filter"])}]}
        resource = f"mapping {desired.get('stream') or self._named(desired['table'])} to {function}"
        found = self._lambda.list_event_source_mappings(FunctionName=function, EventSourceArn=source)
        there = next(iter(found["EventSourceMappings"]), None)
        if there is None:
            there = self._lambda.create_event_source_mapping(
                FunctionName=function, EventSourceArn=source, **request
            )
            self._settle(resource, there["UUID"])
            return Change(resource, "created")
        if (began := there["StartingPosition"]) != (wanted := request.pop("StartingPosition")):
            raise ResourceDiffersError(resource, f"starting position {wanted}", f"starting position {began}")
        if (
            all(_is(there.get(key), wanted) for key, wanted in request.items())
            and there["State"] not in _LEFT_OUT
        ):
            return Change(resource, "unchanged")
        self._lambda.update_event_source_mapping(
            UUID=there["UUID"], FunctionName=function, Enabled=True, **request
        )
        self._settle(resource, there["UUID"])
        return Change(resource, "updated")

    def notification(self, function: str, bucket: str, prefix: str) -> Change:
        """Have a function invoked for each object that is made under a prefix."""
        name = self._named(bucket)
        arn = self._arn("lambda", f"function:{function}")
        wanted = {
            "Id": function,
            "LambdaFunctionArn": arn,
            "Events": ["s3:ObjectCreated:*"],
            "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": prefix}]}},
        }
        resource = f"notification of {name}/{prefix} to {function}"
        there = self._s3.get_bucket_notification_configuration(Bucket=name)
        del there["ResponseMetadata"]
        others = there.get("LambdaFunctionConfigurations", [])
        if wanted in others:
            return Change(resource, "unchanged")
        others = [each for each in others if each["Id"] != function]
        self._allow(function, "s3.amazonaws.com", f"arn:aws:s3:::{name}")
        self._s3.put_bucket_notification_configuration(
            Bucket=name,
            NotificationConfiguration=there | {"LambdaFunctionConfigurations": [*others, wanted]},
        )
        return Change(resource, "created")

    def schedule(self, function: str, expression: str) -> Change:
        """Have a function invoked by the clock.

        Raises:
            ResourceFailedError: The function was refused as the schedule's target.
        """
        resource = f"schedule of {function}"
        wanted = {"ScheduleExpression": expression, "State": "ENABLED"}
        try:
            there = self._events.describe_rule(Name=function)
        except self._events.exceptions.ResourceNotFoundException:
            there = {}
        arn = self._arn("lambda", f"function:{function}")
        if wanted.items() <= there.items() and self._is_target(function, arn):
            return Change(resource, "unchanged")
        rule = self._events.put_rule(Name=function, **wanted)["RuleArn"]
        self._allow(function, "events.amazonaws.com", rule)
        answer = self._events.put_targets(Rule=function, Targets=[{"Id": function, "Arn": arn}])
        for entry in answer["FailedEntries"]:
            raise ResourceFailedError(resource, entry["ErrorMessage"])
        return Change(resource, "updated" if there else "created")

    def _is_target(self, rule: str, arn: str) -> bool:
        return any(each["Arn"] == arn for each in self._events.list_targets_by_rule(Rule=rule)["Targets"])

    def _configuration(self, desired: dict[str, Any]) -> dict[str, Any]:
        settings = self._settings
        told = {
            "MILLRACE_LAKE": settings.lake,
            "MILLRACE_BOARD": settings.board,
            "MILLRACE_COUNTERS": settings.counters,
            "MILLRACE_ALERTS": settings.alerts,
            "MILLRACE_WAREHOUSE": settings.warehouse,
            "MILLRACE_DATABASE": settings.database,
            "MILLRACE_DATABASE_USER": settings.database_user,
        }
        return {
            "Runtime": RUNTIME,
            "Role": f"arn:aws:iam::{_ACCOUNT}:role/millrace-functions",
            "Handler": f"{desired['module']}.handler",
            "Timeout": desired["timeout_seconds"],
            "MemorySize": desired["memory_mib"],
            "Environment": {"Variables": told},
            "DeadLetterConfig": {"TargetArn": self._arn("sqs", dead_letters(desired["name"]))},
        }

    def _stream_arn(self, desired: dict[str, Any]) -> str:
        if "stream" in desired:
            return self._arn("kinesis", f"stream/{desired['stream']}")
        table = self._dynamodb.describe_table(TableName=self._named(desired["table"]))["Table"]
        return str(table["LatestStreamArn"])

    def _settle(self, resource: str, uuid: str) -> None:
        until = _CLOCK.monotonic() + _SETTLED_WITHIN_SECONDS
        while (state := self._lambda.get_event_source_mapping(UUID=uuid)["State"]) in _UNSETTLED:
            if _CLOCK.monotonic() > until:
                raise ResourceFailedError(resource, f"it is {state} after {_SETTLED_WITHIN_SECONDS:.0f} s")
            _CLOCK.sleep(_LOOK_SECONDS)

    def _allow(self, function: str, principal: str, source: str) -> None:
        statement = principal.split(".", maxsplit=1)[0]
        with suppress(
            self._lambda.exceptions.ResourceNotFoundException
        ):  # one for an older source may be there
            self._lambda.remove_permission(FunctionName=function, StatementId=statement)
        self._lambda.add_permission(
            FunctionName=function,
            StatementId=statement,
            Action="lambda:InvokeFunction",
            Principal=principal,
            SourceArn=source,
        )

    def _named(self, name: str) -> str:
        return self._names.get(name, name)

    def _arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self._settings.region}:{_ACCOUNT}:{resource}"


def _is(there: Any, wanted: Any) -> bool:
    """Return whether a setting is as it is wanted; what is empty may not be there at all."""
    return bool(there == wanted) or not (there or wanted)
