"""The stand's only reader of the environment."""

import os
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from app.errors import UsageError
from runtime.settings import DEFAULT_REGION

LARGEST_PORT = 65_535
KINESIS_ENGINES = ("millrace", "stock")
_PORTS = ("port", "warehouse_port", "warehouse_wire_port", "metrics_port")


@dataclass(frozen=True, slots=True)
class StandSettings:
    """Where the local stack lives.

    Attributes:
        home: Folder of all that is made at run time.
        port: LocalStack's port on 127.0.0.1.
        warehouse_port: The warehouse's port on 127.0.0.1.
        cluster: Redshift cluster identifier that the warehouse answers to.
        database: Redshift database that it answers to.
        kinesis: `millrace` for this project's engine, `stock` for LocalStack's own.
        is_kinesis_fsync: Whether a put waits until its records are on the device.
        metrics_port: The stream's port on 127.0.0.1 for its metrics; 0 for none.
        warehouse_wire_port: The port on 127.0.0.1 for Redshift's clients.
        database_user: Redshift user.
        database_password: Of that user; a dummy, as all of the local cloud's secrets are.
    """

    home: Path = Path(".millrace")
    port: int = 4566
    warehouse_port: int = 8439
    cluster: str = "millrace"
    database: str = "dev"
    kinesis: str = "millrace"
    is_kinesis_fsync: bool = False
    metrics_port: int = 9464
    warehouse_wire_port: int = 5439
    database_user: str = "awsuser"
    database_password: str = "Millrace-1"  # noqa: S105  # known to all: the server is on loopback

    def __post_init__(self) -> None:
        """Refuse ports that no server can have, and engines that there are not.

        Raises:
            UsageError: A port is not between 1 and 65535, or two are the same; there is no such engine.
        """
        if self.kinesis not in KINESIS_ENGINES:
            msg = f"`kinesis` must be one of {', '.join(KINESIS_ENGINES)}; got `{self.kinesis}`"
            raise UsageError(msg)
        for name in _PORTS:
            least = 0 if name == "metrics_port" else 1
            port = getattr(self, name)
            if not least <= port <= LARGEST_PORT:
                msg = f"`{name}` must be between {least} and {LARGEST_PORT}; got `{port!r}`"
                raise UsageError(msg)
        for one, other in combinations(_PORTS, 2):
            if getattr(self, one) == getattr(self, other):
                msg = f"`{one}` and `{other}` must differ; got `{getattr(self, one)!r}` for both"
                raise UsageError(msg)

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> "StandSettings":
        """Read MILLRACE_HOME, MILLRACE_…_PORT, MILLRACE_WAREHOUSE, MILLRACE_DATABASE…, MILLRACE_KINESIS….

        Raises:
            UsageError: A port is no number, or no port.
        """
        return cls(
            Path(environment.get("MILLRACE_HOME", cls().home)).absolute(),
            _port(environment, "MILLRACE_PORT", 4566),
            _port(environment, "MILLRACE_WAREHOUSE_PORT", 8439),
            environment.get("MILLRACE_WAREHOUSE", cls().cluster),
            environment.get("MILLRACE_DATABASE", cls().database),
            environment.get("MILLRACE_KINESIS", cls().kinesis),
            environment.get("MILLRACE_KINESIS_FSYNC") == "1",
            _port(environment, "MILLRACE_METRICS_PORT", 9464),
            _port(environment, "MILLRACE_WAREHOUSE_WIRE_PORT", 5439),
            environment.get("MILLRACE_DATABASE_USER", cls().database_user),
            environment.get("MILLRACE_DATABASE_PASSWORD", cls().database_password),
        )

    @property
    def endpoint_url(self) -> str:
        """What AWS_ENDPOINT_URL is to be."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def warehouse_url(self) -> str:
        """Where the warehouse answers."""
        return f"http://127.0.0.1:{self.warehouse_port}"

    @property
    def cloud_python(self) -> Path:
        """The interpreter of the cloud's environment, set up beside the application's."""
        return Path(sys.prefix).parent / "cloud" / "bin" / "python"

    @property
    def functions_python(self) -> Path:
        """The interpreter of Lambda's functions, set up beside the application's."""
        return Path(sys.prefix).parent / "functions" / "bin" / "python"

    @property
    def dbt(self) -> Path:
        """The command of dbt's environment, set up beside the application's."""
        return Path(sys.prefix).parent / "dbt" / "bin" / "dbt"

    @property
    def functions_packages(self) -> Path:
        """Where the functions' environment has its packages."""
        (packages,) = self.functions_python.parent.parent.glob("lib/python3.*/site-packages")
        return packages

    def point_here(self, environment: MutableMapping[str, str] = os.environ) -> None:
        """Point AWS clients of this process to the local stack, unless the user points them elsewhere."""
        environment.setdefault("AWS_ENDPOINT_URL", self.endpoint_url)
        environment.setdefault("AWS_REGION", DEFAULT_REGION)
        environment["DEFAULT_REGION"] = environment["AWS_REGION"]  # localstack_client's name for it
        for name in ("NO_PROXY", "no_proxy"):  # a proxy cannot reach this machine's loopback
            environment[name] = ",".join(filter(None, (environment.get(name), "127.0.0.1,localhost,::1")))
        if environment.get("MILLRACE_ALLOW_AWS") != "1":
            environment.pop("AWS_PROFILE", None)  # the local stack knows dummy credentials only


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, str(default))
    try:
        return int(text)
    except ValueError:
        msg = f"`{name}` must be a port; got `{text}`"
        raise UsageError(msg) from None
