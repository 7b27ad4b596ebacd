"""The application's only reader of the environment.

Every command refuses an endpoint that is not on loopback, because the same application faces real AWS when it
is told to, and that costs money.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

DEFAULT_REGION = "us-east-1"


class EndpointRefusedError(ValueError):
    """The endpoint is not on loopback, and nobody allowed it."""

    def __init__(self, endpoint_url: str | None) -> None:
        """Name the endpoint."""
        super().__init__(endpoint_url)
        self.endpoint_url = endpoint_url

    def __str__(self) -> str:
        """Say what was refused, and what to do."""
        got = f"`{self.endpoint_url}`" if self.endpoint_url else "none, which means AWS itself"
        return (
            f"refused: `AWS_ENDPOINT_URL` must be a loopback address; got {got}; "
            "use http://127.0.0.1:4566, or set MILLRACE_ALLOW_AWS=1 if you mean it"
        )


@dataclass(frozen=True)
class Settings:
    """Where the application's services are, and the names of what it uses there.

    Picklable: functions of a Beam pipeline carry it and make their clients from it late.

    Attributes:
        endpoint_url: AWS endpoint of every service; None for AWS's own.
        region: AWS region.
        lake: Bucket of the lake.
        checkpoints: DynamoDB table of the streams' checkpoints.
        board: DynamoDB table of the flight board.
        counters: DynamoDB table of the board's counters by airport and day.
        alerts: DynamoDB table of delay alerts, and SQS queue of their messages.
        warehouse: Redshift cluster identifier.
        database: Redshift database.
        database_user: Redshift user.
        is_aws_allowed: Whether an endpoint beyond loopback is meant.
    """

    endpoint_url: str | None = None
    region: str = DEFAULT_REGION
    lake: str = "millrace-lake"
    checkpoints: str = "millrace-checkpoints"
    board: str = "flight-board"
    counters: str = "airport-counters"
    alerts: str = "delay-alerts"
    warehouse: str = "millrace"
    database: str = "dev"
    database_user: str = "awsuser"
    is_aws_allowed: bool = False

    def __post_init__(self) -> None:
        """Refuse an endpoint that is not on loopback.

        Raises:
            EndpointRefusedError: `endpoint_url` is elsewhere, and AWS is not allowed.
        """
        if not self.is_aws_allowed and not self.is_local:
            raise EndpointRefusedError(self.endpoint_url)

    @property
    def is_local(self) -> bool:
        """Whether the endpoint is on loopback."""
        return _is_loopback(self.endpoint_url)

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read AWS_ENDPOINT_URL, AWS_REGION, MILLRACE_ALLOW_AWS and the names MILLRACE_….

        Raises:
            EndpointRefusedError: The endpoint is not on loopback, and AWS is not allowed.
        """
        region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
        return cls(
            endpoint_url=environment.get("AWS_ENDPOINT_URL") or None,
            region=region or DEFAULT_REGION,
            lake=environment.get("MILLRACE_LAKE", cls.lake),
            checkpoints=environment.get("MILLRACE_CHECKPOINTS", cls.checkpoints),
            board=environment.get("MILLRACE_BOARD", cls.board),
            counters=environment.get("MILLRACE_COUNTERS", cls.counters),
            alerts=environment.get("MILLRACE_ALERTS", cls.alerts),
            warehouse=environment.get("MILLRACE_WAREHOUSE", cls.warehouse),
            database=environment.get("MILLRACE_DATABASE", cls.database),
            database_user=environment.get("MILLRACE_DATABASE_USER", cls.database_user),
            is_aws_allowed=environment.get("MILLRACE_ALLOW_AWS") == "1",
        )


def _is_loopback(endpoint_url: str | None) -> bool:
    try:
        host = urlsplit(endpoint_url or "").hostname
    except ValueError:
        return False
    if host is None:
        return False
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
