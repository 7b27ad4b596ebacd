"""The local cloud: LocalStack in host mode, started as a process of its own and stopped by its pid."""

import os
from dataclasses import dataclass
from pathlib import Path

from mirakuru import HTTPExecutor


@dataclass(frozen=True, slots=True)
class CloudSettings:
    """Where the local cloud lives.

    Attributes:
        python: The interpreter of the cloud's environment.
        home: Folder for its state, caches and log; made when it is missing.
        port: TCP port on 127.0.0.1.
    """

    python: Path
    home: Path
    port: int = 4566

    def __post_init__(self) -> None:
        """Refuse a port that no server can have.

        Raises:
            ValueError: `port` is not between 1 and 65535.
        """
        if not 1 <= self.port <= 65535:  # noqa: PLR2004
            msg = f"`port` must be between 1 and 65535; got `{self.port!r}`"
            raise ValueError(msg)

    @property
    def endpoint_url(self) -> str:
        """What AWS_ENDPOINT_URL is to be."""
        return f"http://127.0.0.1:{self.port}"


def cloud_process(settings: CloudSettings) -> HTTPExecutor:
    """Return the process, not yet started; `start` waits until it answers, `stop` ends it by its pid.

    `start` raises mirakuru's AlreadyRunning where the port is taken, ProcessExitedWithError where
    LocalStack dies, and TimeoutExpired where it is not ready within 90 seconds.
    """
    home = settings.home.absolute()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    (home / "tmp").mkdir(exist_ok=True)
    return HTTPExecutor(
        [str(settings.python.absolute()), "-m", "localstack.runtime.main"],
        f"{settings.endpoint_url}/_localstack/health",
        timeout=90,
        cwd=str(home),
        stdout=_log(home / "localstack.log"),
        stderr=_log(home / "localstack.log"),
        envvars={
            "GATEWAY_LISTEN": f"127.0.0.1:{settings.port}",
            "GATEWAY_SERVER": "loopback",
            "PROVIDER_OVERRIDE_KINESIS": "moto",
            "PROVIDER_OVERRIDE_DYNAMODB": "moto",
            "PROVIDER_OVERRIDE_DYNAMODBSTREAMS": "moto",
            # Nothing is written outside `home`; a container's fixed paths would be.
            "OVERRIDE_IN_DOCKER": "0",
            "FILESYSTEM_ROOT": str(home / "root"),
            "LOCALSTACK_VOLUME_DIR": str(home / "volume"),
            "CONFIG_DIR": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "TMPDIR": str(home / "tmp"),
            # Nothing is asked of the network.
            "SKIP_SSL_CERT_DOWNLOAD": "1",
            "DISABLE_EVENTS": "1",
            "DNS_ADDRESS": "0",
        },
    )


def _log(path: Path) -> int:
    return os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
