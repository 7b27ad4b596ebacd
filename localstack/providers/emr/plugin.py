"""EMR on EC2 for LocalStack."""

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from localstack.aws.connect import connect_to
from localstack.services.plugins import Service, aws_provider

from localstack.providers.emr.commands import Command, DistCp
from localstack.providers.emr.engine import Engine
from localstack.providers.emr.errors import InvalidRequestError, unsupported
from localstack.providers.emr.machines import SparkMachines
from localstack.providers.emr.provider import ANSWERS
from localstack.providers.settings import CloudSettings
from localstack.providers.spark.cluster import Cluster
from localstack.providers.spark.errors import RefusedError
from localstack.providers.spark.local import base_environment
from localstack.providers.spark.service import Provider, keep_on, place_of
from localstack.providers.spark.sizes import WorkerSize


@cache
def engine(account: str, region: str) -> Engine:
    """Return the engine of an account in a region, which goes on by itself."""
    settings = CloudSettings.from_env()
    place = place_of(settings, settings.spark_folder / "emr" / account / region)
    s3 = connect_to(region_name=region, aws_access_key_id=account).s3
    environment = base_environment(os.environ) | {"JAVA_HOME": str(place.java)}

    def machines(identifier: str, request: Mapping[str, Any], layers: Mapping[str, str]) -> SparkMachines:
        own = replace(place, folder=place.folder / identifier)
        cluster = Cluster(place.python, environment, own.folder / "cluster")
        return SparkMachines(cluster, own, s3, layers, request.get("LogUri") or "")

    def check(command: Command) -> None:
        if not isinstance(command, DistCp):
            try:
                command.check(place)
                WorkerSize().check(command.properties(place, place.folder))
            except RefusedError as error:
                raise InvalidRequestError(str(error)) from None

    made = Engine(
        account,
        region,
        machines=machines,
        check=check,
        now=lambda: datetime.fromtimestamp(time.time(), UTC),
    )

    keep_on(made, f"emr-ec2-{region}")
    return made


@aws_provider(api="emr")
def emr() -> Service:
    """EMR on EC2."""
    provider = Provider("emr", ANSWERS, unsupported, engine)
    return Service.for_provider(provider, dispatch_table_factory=lambda _: provider.dispatch_table())
