"""The warehouse's settings: the one reader of the environment in this land."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class SettingsError(ValueError):
    """The environment does not hold what the warehouse needs."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where COPY finds S3.

    Attributes:
        endpoint_url: Of the local cloud; on loopback.
        region: As AWS names it.
    """

    endpoint_url: str = "http://127.0.0.1:4566"
    region: str = "us-east-1"

    def __post_init__(self) -> None:
        """Refuse an endpoint that is not on this machine.

        Raises:
            SettingsError: The endpoint is not on loopback.
        """
        if urlsplit(self.endpoint_url).hostname not in _LOOPBACK:
            msg = f"`AWS_ENDPOINT_URL` must be a loopback address; got `{self.endpoint_url}`"
            raise SettingsError(msg)

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read AWS_ENDPOINT_URL and AWS_DEFAULT_REGION.

        Raises:
            SettingsError: The endpoint is not on loopback.
        """
        return cls(
            environment.get("AWS_ENDPOINT_URL", cls().endpoint_url),
            environment.get("AWS_DEFAULT_REGION", cls().region),
        )

    def s3(self) -> Any:
        """Return a client of S3 with LocalStack's dummy credentials, so that no real ones are ever sent."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint_url,
            region_name=self.region,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106  # what LocalStack expects
            config=Config(s3={"addressing_style": "path"}, connect_timeout=5, retries={"mode": "standard"}),
        )
