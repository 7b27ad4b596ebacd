"""The Redshift Data API's operations on the engine: asynchronous, as AWS's are.

Source: AWS, Amazon Redshift Data API Reference.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from time import monotonic_ns, time
from typing import Any
from uuid import uuid4

from warehouse.redshift.data_api.store import StatementStore, StoredStatement, described
from warehouse.redshift.engine import Engine, Result
from warehouse.redshift.errors import RedshiftError

WORKERS = 8
MOST_SQLS = 40
PAGE_ROWS = 1_000


class DataApiError(Exception):
    """A request was refused; `code` is AWS's name for why."""

    def __init__(self, code: str, message: str) -> None:
        """Take AWS's name for it and the message."""
        super().__init__(code, message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Cluster:
    """The one cluster and database that are there."""

    identifier: str
    database: str


class DataApi:
    """The operations of one cluster.

    **Parallelism**: up to `WORKERS` statements at once. **Delivery**: a request with a ClientToken runs once.
    **On failure**: the statement's status is FAILED, and its error says why.
    """

    def __init__(self, engine: Engine, cluster: Cluster) -> None:
        """Serve an engine under the name of a cluster."""
        self._engine = engine
        self._cluster = cluster
        self._store = StatementStore()
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="statement")
        self._operations: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "ExecuteStatement": self._execute,
            "BatchExecuteStatement": self._batch,
            "DescribeStatement": self._describe,
            "GetStatementResult": self._result,
        }

    def close(self) -> None:
        """Let running statements end; take no more."""
        self._workers.shutdown(cancel_futures=True)

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Run one operation on its request, as JSON has it.

        Raises:
            DataApiError: It is not supported, or its request is not valid.
        """
        handler = self._operations.get(operation)
        if handler is None:
            known = ", ".join(sorted(self._operations))
            raise DataApiError(
                "ValidationException", f"`{operation}` is not supported here; there are {known}"
            )
        return handler(request)

    def _execute(self, request: dict[str, Any]) -> dict[str, Any]:
        parameters = {each["name"]: each["value"] for each in request.get("Parameters") or ()}
        return self._submit(request, (request["Sql"],), parameters, is_batch=False)

    def _batch(self, request: dict[str, Any]) -> dict[str, Any]:
        sqls = tuple(request["Sqls"])
        if not 1 <= len(sqls) <= MOST_SQLS:
            raise DataApiError(
                "ValidationException", f"Sqls must hold 1 to {MOST_SQLS} statements; got {len(sqls)}"
            )
        return self._submit(request, sqls, {}, is_batch=True)

    def _submit(
        self, request: dict[str, Any], sqls: tuple[str, ...], parameters: Mapping[str, str], *, is_batch: bool
    ) -> dict[str, Any]:
        for name, is_there in (
            ("ClusterIdentifier", self._cluster.identifier),
            ("Database", self._cluster.database),
        ):
            if request.get(name) != is_there:
                got = request.get(name)
                raise DataApiError(
                    "ValidationException", f"{name} `{got}` is not there; there is `{is_there}`"
                )
        for name in ("WithEvent", "SessionId", "SessionKeepAliveSeconds", "ResultFormat", "WorkgroupName"):
            if request.get(name) and request[name] != "JSON":
                raise DataApiError("ValidationException", f"{name} is not supported here")
        names = ("ClusterIdentifier", "Database", "DbUser")
        target: dict[str, str] = {name: request[name] for name in names if name in request}
        now = time()
        fresh = StoredStatement(str(uuid4()), sqls, is_batch, target, now, now)
        statement = self._store.add(fresh, request.get("ClientToken"))
        if statement is fresh:
            self._workers.submit(self._run, statement, parameters)
        return {"Id": statement.identifier, "CreatedAt": statement.created, **statement.target}

    def _run(self, statement: StoredStatement, parameters: Mapping[str, str]) -> None:
        started = monotonic_ns()
        statement.status = "STARTED"
        try:
            statement.results = self._engine.execute(statement.sqls, parameters)
            status = "FINISHED"
        except RedshiftError as error:
            statement.error = f"ERROR: {error}"
            status = "FAILED"
        except Exception as error:  # noqa: BLE001  # a worker has nobody above it: the client is told
            statement.error = f"ERROR: {type(error).__name__}: {error}"
            status = "FAILED"
        statement.duration_nanos = monotonic_ns() - started
        statement.updated = time()
        statement.status = "FINISHED" if status == "FINISHED" else "FAILED"

    def _get(self, identifier: str) -> StoredStatement:
        statement = self._store.get(identifier)
        if statement is None:
            raise DataApiError("ResourceNotFoundException", f"query `{identifier}` does not exist")
        return statement

    def _describe(self, request: dict[str, Any]) -> dict[str, Any]:
        return described(self._get(request["Id"]))

    def _result(self, request: dict[str, Any]) -> dict[str, Any]:
        identifier, _, number = request["Id"].partition(":")
        statement = self._get(identifier)
        if statement.status != "FINISHED":
            raise DataApiError("ValidationException", f"query has no result: it is {statement.status}")
        result = statement.results[int(number) - 1 if number.isdigit() else -1]
        if result.columns is None:
            raise DataApiError("ResourceNotFoundException", "query does not have a result set")
        start = int(request.get("NextToken") or 0)
        answer = {
            "ColumnMetadata": [_column(name, kind) for name, kind in result.columns],
            "Records": [[_cell(value) for value in row] for row in _page(result, start)],
            "TotalNumRows": len(result.rows),
        }
        if start + PAGE_ROWS < len(result.rows):
            answer["NextToken"] = str(start + PAGE_ROWS)
        return answer


def _page(result: Result, start: int) -> list[tuple[Any, ...]]:
    return result.rows[start : start + PAGE_ROWS]


def _column(name: str, kind: str) -> dict[str, Any]:
    return {"name": name, "label": name, "typeName": kind.lower(), "nullable": 1}


def _cell(value: Any) -> dict[str, Any]:
    match value:
        case None:
            return {"isNull": True}
        case bool():
            return {"booleanValue": value}
        case int():
            return {"longValue": value}
        case float():
            return {"doubleValue": value}
        case datetime():
            return {"stringValue": str(value.replace(tzinfo=None))}
        case _:
            return {"stringValue": str(value)}
