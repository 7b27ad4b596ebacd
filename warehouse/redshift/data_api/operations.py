"""The Redshift Data API's operations on the engine: asynchronous, as AWS's are.

Source: AWS, Amazon Redshift Data API Reference.
"""

from collections.abc import Callable, Mapping
from threading import Lock
from time import time
from typing import Any
from uuid import uuid4

from warehouse.redshift.data_api import answers, lists, metadata, pages
from warehouse.redshift.data_api.errors import DataApiError, not_there, not_valid
from warehouse.redshift.data_api.events import no_events
from warehouse.redshift.data_api.requests import Cluster, asked_of, connect, target_of
from warehouse.redshift.data_api.statement import Part, Statement
from warehouse.redshift.data_api.store import StatementStore
from warehouse.redshift.data_api.validation import validate
from warehouse.redshift.data_api.workers import Workers
from warehouse.redshift.engine import Engine
from warehouse.redshift.result import Result

MOST_WAITING = 10
"""Requests that wait for the same statement; AWS has a limit and does not say which."""

_Request = Mapping[str, Any]


class DataApi:
    """The operations of one cluster.

    **Parallelism**: any thread; statements run on workers. **Delivery**: a request with a ClientToken runs
    once. **Order**: none between statements; a client waits for one before it sends the next, and a session
    takes one at a time. **On failure**: the statement's status is FAILED, and its error says why.
    """

    def __init__(
        self,
        engine: Engine,
        cluster: Cluster,
        on_event: Callable[[Statement], None] = no_events,
        clock: Callable[[], float] = time,
    ) -> None:
        """Serve an engine under the name of a cluster; tell `on_event` of statements that asked for it."""
        self._engine = engine
        self._cluster = cluster
        self._clock = clock
        self._store = StatementStore()
        self._workers = Workers(engine, clock, on_event)
        self._submitting = Lock()
        self._operations: Mapping[str, Callable[[_Request], dict[str, Any]]] = {
            "BatchExecuteStatement": self._execute,
            "CancelStatement": self._cancel,
            "DescribeStatement": self._describe,
            "DescribeTable": self._describe_table,
            "ExecuteStatement": self._execute,
            "GetStatementResult": self._result,
            "GetStatementResultV2": self._result_in_csv,
            "ListDatabases": self._list_databases,
            "ListSchemas": self._list_schemas,
            "ListSessions": lambda request: lists.sessions(self._workers.sessions, request),
            "ListStatements": lambda request: lists.statements(self._store, request),
            "ListTables": self._list_tables,
        }

    def close(self) -> None:
        """Let running statements end; take no more."""
        self._workers.close()

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Run one operation on its request, as JSON has it.

        Raises:
            DataApiError: It is not supported, or its request is not valid.
        """
        validate(operation, request)
        given = {name: value for name, value in request.items() if value is not None}
        return self._operations[operation](given)

    def _execute(self, request: _Request) -> dict[str, Any]:
        statement = self._submitted(request)
        self._wait(statement, request)
        return answers.submitted(statement, is_waited="WaitTimeSeconds" in request)

    def _submitted(self, request: _Request) -> Statement:
        target = target_of(request, self._cluster)
        token = request.get("ClientToken")
        compared = {name: request[name] for name in request.keys() - {"ClientToken", "WaitTimeSeconds"}}
        with self._submitting:  # a token that comes twice at once runs once
            fresh = Statement(str(uuid4()), asked_of(request, target), self._clock(), compared)
            if known := self._store.sent_before(fresh, token):
                return known
            self._store.make_room(fresh.created)
            self._give_session(fresh, request)
            self._store.add(fresh, token)
            self._workers.submit(fresh)
        return fresh

    def _give_session(self, statement: Statement, request: _Request) -> None:
        keep_seconds: int | None = request.get("SessionKeepAliveSeconds")
        if "SessionId" in request:
            self._workers.take(statement, request["SessionId"], keep_seconds)
        elif keep_seconds:
            self._workers.keep(statement, statement.asked.target, keep_seconds)

    def _wait(self, statement: Statement, request: _Request) -> None:
        seconds = request.get("WaitTimeSeconds")
        if not seconds or statement.is_done:
            return
        with statement.lock:
            if statement.waiting >= MOST_WAITING:
                message = f"{statement.waiting} requests wait for the statement; the limit is {MOST_WAITING}"
                raise DataApiError("ActiveWaitingRequestsExceededException", message)
            statement.waiting += 1
        try:
            statement.done.wait(seconds)
        finally:
            with statement.lock:
                statement.waiting -= 1

    def _cancel(self, request: _Request) -> dict[str, Any]:
        statement, _ = self._get(request)
        self._workers.cancel(statement)
        return {"Status": True}

    def _get(self, request: _Request) -> tuple[Statement, int]:
        """Return a statement, and the number that stands after the colon; 0 for none."""
        written = request["Id"]
        identifier, colon, number = written.partition(":")
        statement = self._store.get(identifier)
        is_part = number.isdecimal() and statement is not None and 1 <= int(number) <= len(statement.parts)
        if statement is None or (colon and not is_part):
            raise not_there(f"Query does not exist: `{written}`", written)
        return statement, int(number) if colon else 0

    def _describe(self, request: _Request) -> dict[str, Any]:
        statement, number = self._get(request)
        self._wait(statement, request)
        return answers.described_part(statement, number) if number else answers.described(statement)

    def _result(self, request: _Request) -> dict[str, Any]:
        return pages.json_page(self._of_format(request, "JSON"), request.get("NextToken"))

    def _result_in_csv(self, request: _Request) -> dict[str, Any]:
        return pages.csv_page(self._of_format(request, "CSV"), request.get("NextToken"))

    def _of_format(self, request: _Request, wanted: str) -> Result:
        statement, number = self._get(request)
        self._wait(statement, request)
        part: Part = statement.parts[number - 1]  # the last one, where none is named
        result = part.result if statement.is_done else None
        if result is None or result.columns is None:
            message = (
                "Query does not have result. Please check query status with DescribeStatement; "
                f"it is {statement.status}"
            )
            raise not_there(message, request["Id"])
        if (was := statement.asked.result_format) != wanted:
            message = f"the result of this query is in {was}; get it by GetStatementResult"
            raise not_valid(message + ("V2" if was == "CSV" else ""))
        return result

    def _list_databases(self, request: _Request) -> dict[str, Any]:
        connect(request, self._cluster)
        return self._page("Databases", [self._cluster.database], request)

    def _list_schemas(self, request: _Request) -> dict[str, Any]:
        connect(request, self._cluster)
        pattern = request.get("SchemaPattern")
        found = self._engine.read(lambda connection: metadata.schemas(connection, pattern))
        return self._page("Schemas", found, request)

    def _list_tables(self, request: _Request) -> dict[str, Any]:
        connect(request, self._cluster)
        patterns = request.get("SchemaPattern"), request.get("TablePattern")
        found = self._engine.read(lambda connection: metadata.tables(connection, *patterns))
        return self._page("Tables", found, request)

    def _describe_table(self, request: _Request) -> dict[str, Any]:
        connect(request, self._cluster)
        table = request.get("Table")
        found = self._engine.read(
            lambda connection: metadata.columns(connection, request.get("Schema"), table)
        )
        return ({"TableName": table} if table else {}) | self._page("ColumnList", found, request)

    def _page(self, name: str, found: list[Any], request: _Request) -> dict[str, Any]:
        listed, more = metadata.page(found, request.get("MaxResults"), request.get("NextToken"))
        return {name: listed, **more}
