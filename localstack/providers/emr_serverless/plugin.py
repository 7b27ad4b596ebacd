"""EMR Serverless for LocalStack."""

import os
import time
from datetime import UTC, datetime
from functools import cache

from localstack.aws.connect import connect_to
from localstack.services.plugins import Service, aws_provider

from localstack.providers.emr_serverless.attempts import SparkAttempts
from localstack.providers.emr_serverless.engine import Engine
from localstack.providers.emr_serverless.errors import unsupported
from localstack.providers.emr_serverless.logs import DriverLogs
from localstack.providers.emr_serverless.provider import ANSWERS
from localstack.providers.settings import CloudSettings
from localstack.providers.spark.cluster import Cluster
from localstack.providers.spark.launching import Launcher
from localstack.providers.spark.local import LocalLauncher, base_environment
from localstack.providers.spark.service import Provider, keep_on, place_of
from localstack.providers.spark.standalone import StandaloneLauncher
from localstack.providers.spark.submission import Place


@cache
def engine(account: str, region: str) -> Engine:
    """Return the engine of an account in a region, which goes on by itself."""
    settings = CloudSettings.from_env()
    place = place_of(settings, settings.spark_folder / account / region)
    clients = connect_to(region_name=region, aws_access_key_id=account)
    made = Engine(
        account,
        region,
        SparkAttempts(place, _launchers(settings, place), clients.s3, DriverLogs(clients.s3, clients.logs)),
        lambda: datetime.fromtimestamp(time.time(), UTC),
    )

    keep_on(made, f"emr-{region}")
    return made


def _launchers(settings: CloudSettings, place: Place) -> dict[str, Launcher]:
    environment = base_environment(os.environ) | {"JAVA_HOME": str(place.java)}
    cluster = Cluster(place.python, environment, place.folder / "cluster")
    return {
        "local": LocalLauncher(settings.spark_python),
        "standalone": StandaloneLauncher(settings.spark_python, cluster),
    }


@aws_provider(api="emr-serverless")
def emr_serverless() -> Service:
    """EMR Serverless."""
    provider = Provider("emr-serverless", ANSWERS, unsupported, engine)
    return Service.for_provider(provider, dispatch_table_factory=lambda _: provider.dispatch_table())
