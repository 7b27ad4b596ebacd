"""The function of a mapping, invoked within LocalStack's process."""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import orjson
from localstack.aws.api import ServiceException
from localstack.services.lambda_.event_source_mapping.pollers.poller import has_batch_item_failures

from localstack.providers.lambda_mapping.delivery import Failed
from localstack.providers.lambda_runtime.invoking import invoke

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

    def call(self, records: Sequence[dict[str, Any]], fields: Mapping[str, Any]) -> tuple[Any, Failed | None]:
        """Invoke with records and more fields of the event; return the answer, and the failure."""
        request_id = str(uuid4())
        try:
            result = invoke(self._arn, _event(records, fields), request_id)
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
