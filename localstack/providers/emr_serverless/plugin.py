"""EMR Serverless for LocalStack."""

import os
import threading
import time
from datetime import UTC, datetime
from functools import cache

from localstack.aws.connect import connect_to
from localstack.services.plugins import Service, aws_provider

from localstack import config
from localstack.providers.emr_serverless.attempts import SparkAttempts
from localstack.providers.emr_serverless.engine import Engine
from localstack.providers.emr_serverless.provider import API, Provider
from localstack.providers.settings import CloudSettings
from localstack.providers.spark.cluster import Cluster
from localstack.providers.spark.launching import Launcher
from localstack.providers.spark.local import LocalLauncher, base_environment
from localstack.providers.spark.standalone import StandaloneLauncher
from localstack.providers.spark.submission import Place

_STEP_SECONDS = 0.2


@cache
def engine(account: str, region: str) -> Engine:
    """Return the engine of an account in a region, which goes on by itself."""
    settings = CloudSettings.from_env()
    endpoint_url = f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}"
    place = Place(
        python=settings.spark_python,
        java=settings.spark_java,
        jars=settings.spark_jars,
        folder=settings.spark_folder / account / region,
        endpoint_url=endpoint_url,
        is_aws_allowed=settings.is_aws_allowed,
    )
    s3 = connect_to(region_name=region, aws_access_key_id=account).s3
    made = Engine(
        account,
        region,
        SparkAttempts(place, _launchers(settings, place), s3),
        lambda: datetime.fromtimestamp(time.time(), UTC),
    )

    def go_on() -> None:
        while True:
            made.step()
            time.sleep(_STEP_SECONDS)

    threading.Thread(target=go_on, name=f"emr-{region}", daemon=True).start()
    return made


def _launchers(settings: CloudSettings, place: Place) -> dict[str, Launcher]:
    environment = base_environment(os.environ) | {"JAVA_HOME": str(place.java)}
    cluster = Cluster(place.python, environment, place.folder / "cluster")
    return {
        "local": LocalLauncher(settings.spark_python),
        "standalone": StandaloneLauncher(settings.spark_python, cluster),
    }


@aws_provider(api=API)
def emr_serverless() -> Service:
    """EMR Serverless."""
    provider = Provider(engine)
    return Service.for_provider(provider, dispatch_table_factory=lambda _: provider.dispatch_table())
