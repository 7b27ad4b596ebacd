"""The warehouse's settings: the one reader of the environment in this land."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}

MOST_CONNECTIONS = 500
"""AWS, "Quotas and limits in Amazon Redshift": connections to a cluster."""

SLICES = 4
"""On which the rows of tables are simulated to lie, unless a setting says otherwise."""


class SettingsError(ValueError):
    """The environment does not hold what the warehouse needs."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where S3 is, for COPY and for snapshots, and EventBridge; and what lets a client in.

    Attributes:
        endpoint_url: Of the local cloud; on loopback.
        region: As AWS names it.
        snapshots: Bucket of the cluster's snapshots.
        user: Of the database, who may do everything.
        password: Of that user; a dummy, as all of this cloud's secrets are.
        most_connections: Clients that may be connected at once.
        slices: On which the rows of tables are simulated to lie.
    """

    endpoint_url: str = "http://127.0.0.1:4566"
    region: str = "us-east-1"
    snapshots: str = "millrace-redshift-snapshots"
    user: str = "awsuser"
    password: str = "Millrace-1"  # noqa: S105  # known to all: the server is on loopback
    most_connections: int = MOST_CONNECTIONS
    slices: int = SLICES

    def __post_init__(self) -> None:
        """Refuse an endpoint that is not on this machine, an empty password, and a limit that lets none in.

        Raises:
            SettingsError: One of these.
        """
        if urlsplit(self.endpoint_url).hostname not in _LOOPBACK:
            msg = f"`AWS_ENDPOINT_URL` must be a loopback address; got `{self.endpoint_url}`"
            raise SettingsError(msg)
        if not self.user or not self.password:
            msg = "`MILLRACE_DATABASE_USER` and `MILLRACE_DATABASE_PASSWORD` must not be empty"
            raise SettingsError(msg)
        if not 1 <= self.most_connections <= MOST_CONNECTIONS:
            msg = (
                f"`MILLRACE_DATABASE_CONNECTIONS` must be between 1 and {MOST_CONNECTIONS}; "
                f"got `{self.most_connections}`"
            )
            raise SettingsError(msg)
        if self.slices < 1:
            msg = f"`MILLRACE_DATABASE_SLICES` must be at least 1; got `{self.slices}`"
            raise SettingsError(msg)

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read what the attributes are called in docs/commands.md, "Settings".

        Raises:
            SettingsError: The endpoint is not on loopback, or another is none that there can be.
        """
        connections = _number(environment, "MILLRACE_DATABASE_CONNECTIONS", MOST_CONNECTIONS)
        slices = _number(environment, "MILLRACE_DATABASE_SLICES", SLICES)
        return cls(
            environment.get("AWS_ENDPOINT_URL", cls().endpoint_url),
            environment.get("AWS_DEFAULT_REGION", cls().region),
            environment.get("MILLRACE_SNAPSHOTS", cls().snapshots),
            environment.get("MILLRACE_DATABASE_USER", cls().user),
            environment.get("MILLRACE_DATABASE_PASSWORD", cls().password),
            connections,
            slices,
        )

    def s3(self) -> Any:
        """Return a client of S3."""
        style = Config(s3={"addressing_style": "path"}, connect_timeout=5, retries={"mode": "standard"})
        return self._client("s3", style)

    def events(self) -> Any:
        """Return a client of EventBridge, which gives up soon."""
        return self._client(
            "events", Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard"})
        )

    def _client(self, service: Any, config: Config) -> Any:
        """Return a client with LocalStack's dummy credentials, so that no real ones are ever sent."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=self.region,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106  # what LocalStack expects
            config=config,
        )


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    written = environment.get(name, str(default))
    if not written.isdecimal():
        msg = f"`{name}` must be a number; got `{written}`"
        raise SettingsError(msg)
    return int(written)
