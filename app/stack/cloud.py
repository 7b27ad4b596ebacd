"""The local cloud: LocalStack in host mode."""

from app.stack.process import Server
from app.stack.settings import StandSettings


def cloud(settings: StandSettings) -> Server:
    """Return LocalStack's server; all that it writes stays under the stand's folder."""
    home = settings.home.absolute() / "cloud"
    (home / "tmp").mkdir(parents=True, exist_ok=True, mode=0o700)
    return Server(
        name="cloud",
        command=[str(settings.cloud_python), "-m", "localstack.runtime.main"],
        environment={
            "GATEWAY_LISTEN": f"127.0.0.1:{settings.port}",
            "GATEWAY_SERVER": "loopback",
            "PROVIDER_OVERRIDE_KINESIS": "moto",
            "PROVIDER_OVERRIDE_DYNAMODB": "moto",
            "PROVIDER_OVERRIDE_DYNAMODBSTREAMS": "moto",
            "MILLRACE_REDSHIFT_DATA_URL": settings.warehouse_url,
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
        port=settings.port,
        ready_path="/_localstack/health",
        home=settings.home.absolute(),
    )
