"""The function of a mapping, invoked within LocalStack's process.

LocalStack's own sender makes an HTTP request to its own gateway for each batch, which costs more than all the
rest of an invocation; what the API does behind that request is `LambdaService.invoke`.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import uuid4

import orjson
from localstack.aws.api import ServiceException
from localstack.aws.api.lambda_ import InvocationType
from localstack.services.lambda_.api_utils import function_locators_from_arn
from localstack.services.lambda_.event_source_mapping.pollers.poller import has_batch_item_failures
from localstack.services.plugins import SERVICE_PLUGINS

from localstack.providers.lambda_mapping.delivery import Failed

_LOGGER = logging.getLogger(__name__)
_NOT_INVOKED = {
    "ResourceConflictException",
    "ResourceNotFoundException",  # it was deleted, and may come again
    "ServiceException",
    "TooManyRequestsException",
}
"""AWS: MaximumRetryAttempts does not apply where the batch did not reach the function."""


class Function:
    """Invokes one function, and says how it failed."""

    def __init__(self, processor: Any) -> None:
        """Take the function from the sender of LocalStack's processor."""
        self._arn = processor.sender.target_arn
        self._is_reporting = processor.sender.report_batch_item_failures
        self._name, self._qualifier, self._account, self._region = function_locators_from_arn(self._arn)

    def call(self, records: Sequence[dict[str, Any]], fields: Mapping[str, Any]) -> tuple[Any, Failed | None]:
        """Invoke with records and more fields of the event; return the answer, and the failure."""
        request_id = str(uuid4())
        try:
            result = self._invoke(request_id, _event(records, fields))
        except ServiceException as error:
            return None, Failed({}, is_throttled=error.code in _NOT_INVOKED)
        except Exception:  # an environment that could not be had: the function never saw the batch
            _LOGGER.exception("%s was not invoked", self._arn)
            return None, Failed({}, is_throttled=True)
        payload = _read(result.payload)
        if result.is_error:
            message = f"Target {self._arn} encountered an error while processing event(s)."
            told = self._error(request_id, result.executed_version, message)
            return None, Failed(told | {"functionError": "Unhandled"})
        if self._is_reporting and _has_failures(payload):
            told = self._error(request_id, result.executed_version, "Target invocation failed partially.")
            return payload, Failed(told, _reported(payload))
        return payload, None

    def _invoke(self, request_id: str, event: bytes) -> Any:
        return _service().invoke(
            function_name=self._name,
            qualifier=self._qualifier,
            region=self._region,
            account_id=self._account,
            invocation_type=InvocationType.RequestResponse,
            client_context=None,
            request_id=request_id,
            payload=event,
            trace_context={},
        )

    def _error(self, request_id: str, version: str | None, message: str) -> dict[str, Any]:
        """Return what LocalStack's destinations are told."""
        return {
            "message": message,
            "httpStatusCode": 200,
            "awsService": "lambda",
            "requestId": request_id,
            "exceptionType": "BadRequest",
            "resourceArn": self._arn,
            "executedVersion": version or "$LATEST",
        }


@cache
def _service() -> Any:
    """Return LocalStack's Lambda, behind its API."""
    service: Any = SERVICE_PLUGINS.get_service("lambda")
    return service._provider.lambda_service  # noqa: SLF001  # it is nowhere else


def _event(records: Sequence[dict[str, Any]], fields: Mapping[str, Any]) -> bytes:
    """Write the event; a window's state may hold what orjson does not write: NaN, and large numbers."""
    event = {"Records": list(records), **fields}
    return json.dumps(event).encode() if fields else orjson.dumps(event)


def _has_failures(payload: Any) -> bool:
    try:
        return bool(has_batch_item_failures(payload))
    except Exception:  # noqa: BLE001  # an answer that cannot be read
        return True


def _read(payload: bytes | str | None) -> Any:
    try:
        return json.loads(payload or b"null")
    except (ValueError, RecursionError):
        return None


def _reported(payload: Any) -> frozenset[str]:
    """Return the ids that a function reported; none, which is the whole batch, where it reported none."""
    try:
        return frozenset(str(each["itemIdentifier"]) for each in payload["batchItemFailures"])
    except (TypeError, KeyError):
        return frozenset()
