"""Redshift's Data API for LocalStack's own clients: every operation is forwarded to the warehouse.

Clients outside come the short way (fast_path.py).
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from localstack.aws.spec import load_service
from localstack.services.plugins import Service, aws_provider

from localstack.providers.redshift.forwarding import forward

API = "redshift-data"


@aws_provider(api=API)
def redshift_data() -> Service:
    """Redshift Data API."""

    class Provider:
        service = API

    def dispatch_table(_provider: Any) -> dict[str, Callable[..., Any]]:
        return dict.fromkeys(load_service(API).operation_names, partial(forward, "RedshiftData"))

    return Service.for_provider(Provider(), dispatch_table_factory=dispatch_table)
