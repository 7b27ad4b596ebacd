"""Kinesis for LocalStack, chosen by PROVIDER_OVERRIDE_KINESIS=millrace."""

from functools import cache

from localstack.services.plugins import Service, aws_provider

from localstack.providers.kinesis.engine import Engine
from localstack.providers.kinesis.provider import API, Provider
from localstack.providers.settings import CloudSettings


@cache
def engine() -> Engine:
    """Return the one engine, which both ways to it share."""
    settings = CloudSettings.from_env()
    return Engine(settings.kinesis_folder, fsync=settings.is_kinesis_fsync)


@aws_provider(api=API, name="millrace")
def kinesis() -> Service:
    """Kinesis Data Streams."""
    provider = Provider(engine())
    return Service.for_provider(provider, dispatch_table_factory=lambda _: provider.dispatch_table())
