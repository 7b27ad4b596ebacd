"""Redshift's Data API: every operation is forwarded to the warehouse, which is a process of its own."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.spec import load_service
from localstack.services.plugins import Service, aws_provider
from urllib3 import PoolManager
from urllib3.exceptions import HTTPError

from localstack.providers.settings import REDSHIFT_DATA_URL, CloudSettings

API = "redshift-data"
TIMEOUT_SECONDS = 60

_POOL = PoolManager(maxsize=16, timeout=TIMEOUT_SECONDS, retries=False)  # asks no proxy, repeats nothing


def _forward(context: RequestContext, request: Any) -> dict[str, Any]:
    url = CloudSettings.from_env().redshift_data_url
    if not url:
        message = f"{REDSHIFT_DATA_URL} must be the URL of the warehouse; it is not set"
        raise _unavailable(message)
    operation: Any = context.operation
    headers = {"X-Amz-Target": f"RedshiftData.{operation.name}"}
    try:
        answer = _POOL.request("POST", url, body=json.dumps(request).encode(), headers=headers)
        body: dict[str, Any] = answer.json()
    except (HTTPError, ValueError) as error:
        message = f"the warehouse does not answer at {url}; does it run? {error}"
        raise _unavailable(message) from None
    if answer.status != HTTPStatus.OK:
        raise CommonServiceException(body["__type"], body["message"], answer.status)
    return body


def _unavailable(message: str) -> CommonServiceException:
    return CommonServiceException("InternalServerException", message, 500)


@aws_provider(api=API)
def redshift_data() -> Service:
    """Redshift Data API."""

    class Provider:
        service = API

    def dispatch_table(_provider: Any) -> dict[str, Callable[..., Any]]:
        return dict.fromkeys(load_service(API).operation_names, _forward)

    return Service.for_provider(Provider(), dispatch_table_factory=dispatch_table)
