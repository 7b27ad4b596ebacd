"""The local cloud: LocalStack in host mode."""

import sys
from functools import cache
from pathlib import Path

from app.stack.java import NoJavaError, find_java
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
            **_kinesis(settings),
            "PROVIDER_OVERRIDE_DYNAMODB": "moto",
            "PROVIDER_OVERRIDE_DYNAMODBSTREAMS": "moto",
            "PROVIDER_OVERRIDE_REDSHIFT": "millrace",
            "LAMBDA_RUNTIME_EXECUTOR": "process",
            "MILLRACE_MAPPINGS_FOLDER": str(home / "mappings"),
            "MILLRACE_FUNCTIONS_PYTHON": str(settings.functions_python),
            "MILLRACE_REDSHIFT_DATA_URL": settings.warehouse_url,
            "MILLRACE_SPARK_PYTHON": sys.executable,
            "MILLRACE_SPARK_JARS": str(settings.home.absolute() / "jars"),
            "MILLRACE_SPARK_JAVA": _java(settings.home),
            "MILLRACE_SPARK_FOLDER": str(home / "spark"),
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


@cache
def _java(home: Path) -> str:
    """Return Spark's JAVA_HOME; empty where there is none, which only a Spark run has to say."""
    try:
        return str(find_java(home))
    except NoJavaError:
        return ""


def _kinesis(settings: StandSettings) -> dict[str, str]:
    if settings.kinesis == "stock":
        # LocalStack's own engine is a Node process that would bind every interface.
        loopback = Path(__file__).with_name("loopback.js")
        return {"PROVIDER_OVERRIDE_KINESIS": "default", "NODE_OPTIONS": f"--require {loopback}"}
    return {
        "PROVIDER_OVERRIDE_KINESIS": "millrace",
        "MILLRACE_KINESIS_FOLDER": str(kinesis_folder(settings)),
        "MILLRACE_KINESIS_FSYNC": "1" if settings.is_kinesis_fsync else "0",
    }


def kinesis_folder(settings: StandSettings) -> Path:
    """Where the streams and their records lie."""
    return settings.home.absolute() / "kinesis"
