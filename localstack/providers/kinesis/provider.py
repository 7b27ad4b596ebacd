"""The gateway's way: requests that LocalStack has parsed, answers that it serialises.

CBOR and event streams come here. The engine speaks the API's JSON; this module turns bytes and times to it
and back.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
from botocore.model import ListShape, Shape, StructureShape
from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.spec import load_service

from localstack.providers.kinesis.engine import SUBSCRIBE, Engine
from localstack.providers.kinesis.errors import KinesisError
from localstack.providers.kinesis.validation import decode, encode
from localstack.providers.kinesis.world import Caller

API = "kinesis"


class Provider:
    """Every operation of LocalStack's model, answered by the engine."""

    service = API

    def __init__(self, engine: Engine) -> None:
        """Take the engine that fast_path.py serves too."""
        self._engine = engine

    def dispatch_table(self) -> dict[str, Callable[..., Any]]:
        """Return who answers which operation."""
        return dict.fromkeys(load_service(API).operation_names, self._answer)

    def _answer(self, context: RequestContext, request: Any) -> Any:
        operation: Any = context.operation
        caller = Caller(context.account_id, context.region)
        shape = operation.output_shape
        try:
            if operation.name == SUBSCRIBE:
                events = self._engine.subscribe(_wire(context, request), caller)
                return {"EventStream": _events(events, shape.members["EventStream"])}
            answer = self._engine.call(operation.name, _wire(context, request), caller)
        except KinesisError as error:
            is_theirs = error.status < 500  # noqa: PLR2004  # HTTP's own border
            raise CommonServiceException(error.code, error.message, error.status, is_theirs) from None
        return _from_json(orjson.loads(answer), shape) if answer else {}


def _events(events: Iterator[dict[str, Any]], shape: Shape) -> Iterator[dict[str, Any]]:
    name = "SubscribeToShardEvent"
    for event in events:
        yield {name: _from_json(event, shape.members[name])}


def _wire(context: RequestContext, request: Any) -> Any:
    """Return the request as it was sent: LocalStack's parser cuts the fractions of JSON's timestamps off."""
    if context.request.mimetype == "application/x-amz-json-1.1":
        return orjson.loads(context.request.data or b"{}")
    return _to_json(request)


def _to_json(value: Any) -> Any:
    match value:
        case dict():
            return {name: _to_json(each) for name, each in value.items()}
        case list():
            return [_to_json(each) for each in value]
        case bytes():
            return encode(value)
        case datetime():
            return value.timestamp()
        case _:
            return value


def _from_json(value: Any, shape: Shape) -> Any:
    match shape:
        case StructureShape():
            members = shape.members
            return {name: _from_json(each, members[name]) for name, each in value.items() if name in members}
        case ListShape():
            return [_from_json(each, shape.member) for each in value]
        case _ if shape.type_name == "blob":
            return decode(value)
        case _ if shape.type_name == "timestamp":
            return datetime.fromtimestamp(value, UTC)
        case _:
            return value
