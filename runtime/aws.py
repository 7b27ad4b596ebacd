"""AWS clients, made late: from settings that a Beam function or a job can carry."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from runtime.settings import Settings

LOCAL_CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
"""What LocalStack expects; never sent beyond loopback."""


def client(
    service: str, settings: Settings, config: Config | None = None, session: boto3.Session | None = None
) -> Any:
    """Return a new client of an AWS service, of the process's session unless another is given.

    On loopback it carries LocalStack's dummy credentials, so that no real ones are ever sent there.
    """
    credentials = LOCAL_CREDENTIALS if settings.is_local else {}
    factory: Any = session or _session()
    return factory.client(
        service,
        region_name=settings.region,
        endpoint_url=settings.endpoint_url,
        config=_config().merge(config) if config else _config(),
        **credentials,
    )


@cache
def _session() -> boto3.Session:
    """Return the process's session: it loads the service models, which takes longer than a client."""
    return boto3.Session()


@cache
def _config() -> Config:
    return Config(
        connect_timeout=5,
        read_timeout=60,
        retries={"mode": "standard", "total_max_attempts": 5},
        s3={"addressing_style": "path"},
        tcp_keepalive=True,
    )
