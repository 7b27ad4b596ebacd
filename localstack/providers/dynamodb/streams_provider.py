"""DynamoDB Streams for LocalStack, without moto."""

from collections.abc import Callable
from typing import Any

import orjson
from localstack.aws.api import RequestContext
from localstack.aws.spec import load_service
from localstack.http import Response

from localstack.providers.dynamodb.answers import answered, failed
from localstack.providers.dynamodb.errors import DynamoDBError
from localstack.providers.dynamodb.world import World

API = "dynamodbstreams"


class StreamsProvider:
    """The four operations."""

    service = API

    def __init__(self, world: World) -> None:
        """Take the state that the tables' provider shares."""
        self._world = world

    def dispatch_table(self) -> dict[str, Callable[..., Any]]:
        """Return who answers which operation."""
        return dict.fromkeys(load_service(API).operation_names, self._answer)

    def _answer(self, context: RequestContext, _parsed: Any) -> Response:
        operation: Any = context.operation
        request = orjson.loads(context.request.get_data() or b"{}")
        try:
            with self._world.lock:
                body = self._world.streams.call(operation.name, request, context.account_id, context.region)
        except DynamoDBError as error:
            return failed(context, error)
        return answered(context, body)
