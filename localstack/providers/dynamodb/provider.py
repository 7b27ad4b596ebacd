"""DynamoDB's operations for LocalStack: moto answers, within what Writes takes back, measures and records."""

from collections.abc import Callable
from typing import Any

import orjson
from botocore import xform_name
from localstack.aws.api import RequestContext
from localstack.aws.spec import load_service
from localstack.http import Response
from localstack.services.moto import _proxy_moto, dispatch_to_moto
from moto.core.exceptions import JsonRESTError
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.responses import DynamoHandler

from localstack.providers.dynamodb.answers import answered, failed, tidied
from localstack.providers.dynamodb.batches import Target, key_of, targets
from localstack.providers.dynamodb.empties import check_sets
from localstack.providers.dynamodb.errors import DynamoDBError, unsupported
from localstack.providers.dynamodb.patch import correct_moto
from localstack.providers.dynamodb.placeholders import check_placeholders
from localstack.providers.dynamodb.reads import check_keys, check_read, completed
from localstack.providers.dynamodb.reads import refused as refused_read
from localstack.providers.dynamodb.refusals import refused, refused_member
from localstack.providers.dynamodb.sweep import Sweeper
from localstack.providers.dynamodb.tables import (
    create_table,
    delete_table,
    describe_time_to_live,
    find,
    update_table,
    update_time_to_live,
)
from localstack.providers.dynamodb.transact import transact_write_items
from localstack.providers.dynamodb.updates import updated
from localstack.providers.dynamodb.world import World, backend
from localstack.providers.dynamodb.writes import PUT_TOO_LARGE, UPDATE_TOO_LARGE, Writes

API = "dynamodb"
_OK = 200
_READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"})
_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"})
_OF_TABLES = {"CreateTable": create_table, "UpdateTable": update_table, "DeleteTable": delete_table}


class Provider:
    """Every operation of LocalStack's model, one at a time."""

    service = API

    def __init__(self, world: World) -> None:
        """Take the state that the streams' provider shares."""
        correct_moto()
        self._world = world
        self._sweeper = Sweeper(world)

    def dispatch_table(self) -> dict[str, Callable[..., Any]]:
        """Return who answers which operation."""
        return dict.fromkeys(load_service(API).operation_names, self._answer)

    def _answer(self, context: RequestContext, parsed: Any) -> Any:
        operation: Any = context.operation
        name = operation.name
        try:
            if what := refused(name, is_in_moto=hasattr(DynamoHandler, xform_name(name))):
                raise unsupported(what)
            request = orjson.loads(context.request.get_data() or b"{}")
            if what := refused_member(name, request):
                raise unsupported(what)
            with self._world.lock:
                return self._do(name, context, parsed, request)
        except DynamoDBError as error:
            return failed(context, error)
        except JsonRESTError as error:
            code = error.error_type.rpartition("#")[2]
            return failed(context, DynamoDBError(code, str(error.message)))

    def _do(self, name: str, context: RequestContext, parsed: Any, request: dict[str, Any]) -> Any:
        tables = backend(context.account_id, context.region)
        if name in _READS:
            return _read(name, context, tables, request)
        if name in _WRITES:
            return self._write(context, tables, request)
        if change := _OF_TABLES.get(name):
            return change(self._world, tables, request, lambda: _proxy_moto(context, parsed))
        answer = self._of_ours(name, context, tables, request)
        return _proxy_moto(context, parsed) if answer is None else answered(context, orjson.dumps(answer))

    def _of_ours(
        self, name: str, context: RequestContext, tables: DynamoDBBackend, request: dict[str, Any]
    ) -> dict[str, Any] | None:
        match name:
            case "TransactWriteItems":
                check_sets(context.request.get_data(), request)
                return transact_write_items(self._world, tables, request)
            case "DescribeTimeToLive":
                return describe_time_to_live(self._world, find(tables, request["TableName"]))
            case "UpdateTimeToLive":
                answer = update_time_to_live(self._world, find(tables, request["TableName"]), request)
                self._sweeper.start()
                return answer
            case _:
                return None

    def _write(self, context: RequestContext, tables: DynamoDBBackend, request: dict[str, Any]) -> Response:
        is_update = "Key" in request
        check_placeholders(request)
        check_sets(context.request.get_data(), request)
        check_keys(tables, request)
        writes = Writes(self._world)
        touched = None
        for name, key in _targets(tables, request):
            touched = writes.touch(tables.get_table(name), key, is_changed_in_place=is_update)
        try:
            response = dispatch_to_moto(context)
            if response.status_code != _OK:
                writes.roll_back()
                return answered(context, response.data, response.status_code)
            writes.check_sizes(UPDATE_TOO_LARGE if is_update else PUT_TOO_LARGE)
            attributes = updated(request, touched) if touched else None
        except BaseException:
            writes.roll_back()
            raise
        writes.commit()
        return answered(context, tidied(request, response.data, attributes))


def _read(name: str, context: RequestContext, tables: DynamoDBBackend, request: dict[str, Any]) -> Response:
    check_read(name, tables, request)
    response = dispatch_to_moto(context)
    if response.status_code != _OK:
        return answered(context, refused_read(response.data), response.status_code)
    return answered(context, completed(name, request, response.data))


def _targets(tables: DynamoDBBackend, request: dict[str, Any]) -> list[Target]:
    def names(table: str) -> list[str]:
        found: list[str] = tables.get_table(table).table_key_attrs
        return found

    if "RequestItems" in request:
        return targets(request, names)
    table = request["TableName"]
    return [(table, request.get("Key") or key_of(request["Item"], names(table)))]
