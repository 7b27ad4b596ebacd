"""Kinesis for LocalStack, chosen by PROVIDER_OVERRIDE_KINESIS=millrace."""

from functools import cache

from localstack.runtime import hooks
from localstack.services.plugins import Service, aws_provider

from localstack.providers.kinesis.engine import Engine
from localstack.providers.kinesis.provider import API, Provider
from localstack.providers.settings import CloudSettings


@cache
def _engine() -> Engine:
    settings = CloudSettings.from_env()
    return Engine(settings.kinesis_folder, fsync=settings.is_kinesis_fsync)


@aws_provider(api=API, name="millrace")
def kinesis() -> Service:
    """Kinesis Data Streams."""
    provider = Provider(_engine())
    return Service.for_provider(provider, dispatch_table_factory=lambda _: provider.dispatch_table())


@hooks.on_infra_start(should_load=lambda: CloudSettings.from_env().is_kinesis_ours)
def install_fast_path() -> None:
    """Put the short way before the gateway's own."""
    from localstack.aws.handlers import preprocess_request  # noqa: PLC0415  # the gateway, which is not there earlier

    from localstack.providers.kinesis.fast_path import FastPath  # noqa: PLC0415

    preprocess_request.append(FastPath(_engine()))
