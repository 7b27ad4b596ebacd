"""Redshift's Data API: every operation is forwarded to the warehouse, which is a process of its own."""

import json
import os
from collections.abc import Callable
from typing import Any

import requests
from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.spec import load_service
from localstack.services.plugins import Service, aws_provider

API = "redshift-data"


def _forward(context: RequestContext, request: Any) -> dict[str, Any]:
    url = os.environ["MILLRACE_REDSHIFT_DATA_URL"]
    headers = {"X-Amz-Target": f"RedshiftData.{context.operation.name}"}
    try:
        answer = requests.post(url, data=json.dumps(request), headers=headers, timeout=60)
    except requests.ConnectionError:
        message = f"the warehouse does not answer at {url}"
        raise CommonServiceException("InternalServerException", message, 500) from None
    body: dict[str, Any] = answer.json()
    if not answer.ok:
        raise CommonServiceException(body["__type"], body["message"], answer.status_code)
    return body


@aws_provider(api=API)
def redshift_data() -> Service:
    """Redshift Data API."""

    class Provider:
        service = API

    def dispatch_table(_provider: Any) -> dict[str, Callable[..., Any]]:
        return dict.fromkeys(load_service(API).operation_names, _forward)

    return Service.for_provider(Provider(), dispatch_table_factory=dispatch_table)
