"""DynamoDB and its streams for LocalStack, chosen by PROVIDER_OVERRIDE_DYNAMODB[STREAMS]=moto."""

import time
from functools import cache

from localstack.services.plugins import Service, aws_provider

from localstack.providers.dynamodb.provider import API, Provider
from localstack.providers.dynamodb.streams_provider import API as STREAMS_API
from localstack.providers.dynamodb.streams_provider import StreamsProvider
from localstack.providers.dynamodb.world import World


@cache
def world() -> World:
    """Return the one state that both services share."""
    return World(time.time)


@aws_provider(api=API, name="moto")
def dynamodb() -> Service:
    """DynamoDB."""
    provider = Provider(world())
    return Service.for_provider(provider, dispatch_table_factory=lambda _: provider.dispatch_table())


@aws_provider(api=STREAMS_API, name="moto")
def dynamodbstreams() -> Service:
    """DynamoDB Streams."""
    provider = StreamsProvider(world())
    return Service.for_provider(provider, dispatch_table_factory=lambda _: provider.dispatch_table())
