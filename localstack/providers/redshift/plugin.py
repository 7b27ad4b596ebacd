"""Redshift's API of clusters, chosen by PROVIDER_OVERRIDE_REDSHIFT=millrace: the warehouse answers it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from localstack.aws.spec import load_service
from localstack.services.plugins import Service, aws_provider

from localstack.providers.redshift.forwarding import forward

API = "redshift"


@aws_provider(api=API, name="millrace")
def redshift() -> Service:
    """Redshift."""

    class Provider:
        service = API

    def dispatch_table(_provider: Any) -> dict[str, Callable[..., Any]]:
        return dict.fromkeys(load_service(API).operation_names, partial(forward, "Redshift"))

    return Service.for_provider(Provider(), dispatch_table_factory=dispatch_table)
