"""Requests of Redshift's APIs go to the warehouse, which is a process of its own."""

import json
from datetime import datetime
from http import HTTPStatus
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext
from urllib3 import PoolManager
from urllib3.exceptions import HTTPError

from localstack.providers.settings import REDSHIFT_DATA_URL, CloudSettings

JSON = "application/x-amz-json-1.1"
TIMEOUT_SECONDS = 60
"""A client may have a request wait for 30 s."""

_POOL = PoolManager(maxsize=16, timeout=TIMEOUT_SECONDS, retries=False)  # asks no proxy, repeats nothing


def forward(service: str, context: RequestContext, request: Any) -> dict[str, Any]:
    """Send a request to the warehouse as `<service>.<operation>`, and return its answer.

    Raises:
        CommonServiceException: The warehouse refuses it, or does not answer.
    """
    url = CloudSettings.from_env().redshift_data_url
    if not url:
        message = f"{REDSHIFT_DATA_URL} must be the URL of the warehouse; it is not set"
        raise CommonServiceException("InternalServerException", message, 500)
    operation: Any = context.operation
    headers = {"X-Amz-Target": f"{service}.{operation.name}"}
    try:
        data = json.dumps(request, default=datetime.isoformat).encode()
        answer = _POOL.request("POST", url, body=data, headers=headers)
        body: dict[str, Any] = answer.json()
    except (HTTPError, ValueError) as error:
        raise unavailable(url, error) from None
    if answer.status != HTTPStatus.OK:
        is_sender = answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
        raise CommonServiceException(body["__type"], body["message"], answer.status, is_sender)
    return body


def unavailable(url: str, reason: object) -> CommonServiceException:
    """Return the error of a warehouse that does not answer."""
    message = f"the warehouse does not answer at {url}; does it run? {reason}"
    return CommonServiceException("InternalServerException", message, 500)
