"""Operations on tables: what moto does, and what becomes of streams and expiries with it."""

from collections.abc import Callable
from typing import Any

from moto.dynamodb.exceptions import ResourceNotFoundException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

from localstack.providers.dynamodb.errors import invalid, not_found
from localstack.providers.dynamodb.images import VIEW_TYPES
from localstack.providers.dynamodb.items import as_json
from localstack.providers.dynamodb.stream import Stream
from localstack.providers.dynamodb.ttl import Expiries, checked, described
from localstack.providers.dynamodb.world import World

type Ask = Callable[[], Any]
"""Lets moto answer the request."""


def find(tables: DynamoDBBackend, name: str) -> Table:
    """Return a table by its name or ARN.

    Raises:
        DynamoDBError: ResourceNotFoundException.
    """
    try:
        return tables.get_table(name)
    except ResourceNotFoundException:
        raise not_found(f"Requested resource not found: Table: {name} not found") from None


def create_table(world: World, tables: DynamoDBBackend, request: dict[str, Any], ask: Ask) -> Any:
    """Make a table, and open its stream."""
    _check_stream(request)
    answer = ask()
    _open(world, find(tables, request["TableName"]))
    return answer


def update_table(world: World, tables: DynamoDBBackend, request: dict[str, Any], ask: Ask) -> Any:
    """Change a table, and open or close its stream.

    Raises:
        DynamoDBError: ValidationException, the stream is so already; see
            https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
    """
    wanted = _check_stream(request)
    if wanted is None:
        return ask()
    table = find(tables, request["TableName"])
    state = world.state(table)
    if wanted and state.stream:
        raise invalid(f"Table already has an enabled stream: TableName: {table.name}")
    if not wanted and not state.stream:
        raise invalid(f"Table has no stream to disable: TableName: {table.name}")
    label = table.latest_stream_label
    if wanted:
        table.latest_stream_label = None  # moto would take a stream that was disabled for an enabled one
    try:
        answer = ask()
    except BaseException:
        table.latest_stream_label = label
        raise
    if wanted:
        _open(world, table)
    elif state.stream:
        world.streams.close(state.stream)
        state.stream = None
    return answer


def delete_table(world: World, tables: DynamoDBBackend, request: dict[str, Any], ask: Ask) -> Any:
    """Delete a table; its stream can be read for another day."""
    table = find(tables, request["TableName"])
    answer = ask()
    state = world.states.pop(table, None)
    if state and state.stream:
        world.streams.close(state.stream)
    return answer


def update_time_to_live(world: World, table: Table, request: dict[str, Any]) -> dict[str, Any]:
    """Let items expire, or not; AWS takes up to an hour for it, here it is so at once."""
    specification = request["TimeToLiveSpecification"]
    state = world.state(table)
    attribute = checked(state.expiries.attribute if state.expiries is not None else None, specification)
    state.expiries = None if attribute is None else Expiries(attribute)
    if state.expiries is not None:
        for item in table.all_items():
            state.expiries.note((item.hash_key, item.range_key), as_json(item), world.now())
    return {"TimeToLiveSpecification": specification}


def describe_time_to_live(world: World, table: Table) -> dict[str, Any]:
    """Say whether items expire."""
    expiries = world.state(table).expiries
    return {"TimeToLiveDescription": described(expiries.attribute if expiries is not None else None)}


def _open(world: World, table: Table) -> None:
    table.stream_shard = None  # moto's, which keeps every item that ever was
    specification = table.stream_specification or {}
    if not specification.get("StreamEnabled"):
        return
    stream = Stream(
        table.name,
        table.table_arn,
        str(table.latest_stream_label),
        specification["StreamViewType"],
        table.schema,
        world.now(),
    )
    world.state(table).stream = stream
    world.streams.open(stream)


def _check_stream(request: dict[str, Any]) -> bool | None:
    """Return whether a stream is wanted; None where the request does not say."""
    specification = request.get("StreamSpecification")
    if not specification:
        return None
    is_wanted = bool(specification["StreamEnabled"])
    view = specification.get("StreamViewType")
    if is_wanted and view not in VIEW_TYPES:
        raise invalid(f"One or more parameter values were invalid: StreamViewType is {view}")
    if not is_wanted and view:
        raise invalid(
            "One or more parameter values were invalid: StreamViewType of a stream that is disabled"
        )
    return is_wanted
