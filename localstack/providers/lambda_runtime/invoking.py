"""Invocations within LocalStack's process: of mappings, and of what waits in a function's queue.

LocalStack makes an HTTP request to its own gateway for each, which costs more than all the rest of one;
what the API does behind that request is `LambdaService.invoke`.
"""

from functools import cache
from io import BytesIO
from typing import Any

from localstack.aws.api import lambda_
from localstack.aws.api.lambda_ import InvocationType
from localstack.services.lambda_.api_utils import function_locators_from_arn
from localstack.services.plugins import SERVICE_PLUGINS
from localstack.utils.xray.trace_header import TraceHeader


def invoke(arn: str, payload: bytes, request_id: str, trace_context: dict[str, Any] | None = None) -> Any:
    """Invoke a function and wait for its end; return LocalStack's `InvocationResult`.

    Raises:
        ServiceException: The invocation was refused, in AWS's words.
    """
    name, qualifier, account, region = function_locators_from_arn(arn)
    return _lambda()._provider.lambda_service.invoke(  # noqa: SLF001  # it is nowhere else
        function_name=name,
        qualifier=qualifier,
        region=region,
        account_id=account,
        invocation_type=InvocationType.RequestResponse,
        client_context=None,
        request_id=request_id,
        payload=payload,
        trace_context=trace_context or {},
    )


class QueueClient:
    """In the place of the client by which LocalStack's poller invokes what waits in a function's queue."""

    exceptions = lambda_

    def __init__(self, headers: dict[str, str] | None = None) -> None:
        """Take what a request would say in its headers."""
        self._headers = headers or {}

    def custom_headers(self, headers: dict[str, str]) -> "QueueClient":
        """Return a client for one request."""
        return QueueClient(headers)

    def invoke(self, **request: Any) -> dict[str, Any]:
        """See Lambda's Invoke."""
        trace = {"aws_trace_header": TraceHeader.from_header_str(self._headers["X-Amzn-Trace-Id"])}
        request_id = self._headers["X-Amz-Request-Id"]
        result = invoke(request["FunctionName"], request["Payload"], request_id, trace)
        payload = result.payload or b""
        answer = {"Payload": BytesIO(payload if isinstance(payload, bytes) else payload.encode())}
        return answer | ({"FunctionError": "Unhandled"} if result.is_error else {})


@cache
def _lambda() -> Any:
    return SERVICE_PLUGINS.get_service("lambda")
