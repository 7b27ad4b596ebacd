"""The Redshift Data API's operations on the engine: asynchronous, as AWS's are.

Source: AWS, Amazon Redshift Data API Reference.
"""

import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic_ns, time
from typing import Any
from uuid import uuid4

from warehouse.redshift.data_api.answers import described, described_part, page, submitted
from warehouse.redshift.data_api.store import StatementStore, Status, StoredStatement, TokenReusedError
from warehouse.redshift.engine import Engine, Result
from warehouse.redshift.errors import RedshiftError

WORKERS = 8
MOST_SQLS = 40
LARGEST_SQL = 100 * 1024
INVALID = "ValidationException"

_ABSENT = ("ResultFormat", "SessionId", "SessionKeepAliveSeconds", "WithEvent", "WorkgroupName")
_PARAMETER = re.compile(r"[A-Za-z_]\w*")


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
    **Order**: none; a client waits for one statement before it sends the next.
    **On failure**: the statement's status is FAILED, and its error says why.
    """

    def __init__(self, engine: Engine, cluster: Cluster) -> None:
        """Serve an engine under the name of a cluster."""
        self._engine = engine
        self._cluster = cluster
        self._store = StatementStore()
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="statement")
        self._operations: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "BatchExecuteStatement": self._batch,
            "DescribeStatement": self._describe,
            "ExecuteStatement": self._execute,
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
            known = ", ".join(self._operations)
            raise DataApiError(INVALID, f"`{operation}` is not supported here; there are {known}")
        return handler(request)

    def _execute(self, request: dict[str, Any]) -> dict[str, Any]:
        parameters: dict[str, str] = {}
        for each in request.get("Parameters") or ():
            name, value = _text(each, "name"), _text(each, "value")
            if not _PARAMETER.fullmatch(name) or name in parameters:
                raise DataApiError(INVALID, f"Parameters must have names, each once; got `{name}`")
            parameters[name] = value
        return self._submit(request, (_text(request, "Sql"),), parameters, is_batch=False)

    def _batch(self, request: dict[str, Any]) -> dict[str, Any]:
        sqls = request.get("Sqls")
        if not isinstance(sqls, list) or not 1 <= len(sqls) <= MOST_SQLS:
            got = len(sqls) if isinstance(sqls, list) else sqls
            raise DataApiError(INVALID, f"Sqls must hold 1 to {MOST_SQLS} statements; got {got}")
        if request.get("Parameters"):
            raise DataApiError(INVALID, "Parameters of a batch are not supported here")
        texts = tuple(_text({"Sqls": sql}, "Sqls") for sql in sqls)
        return self._submit(request, texts, {}, is_batch=True)

    def _submit(
        self, request: dict[str, Any], sqls: tuple[str, ...], parameters: Mapping[str, str], *, is_batch: bool
    ) -> dict[str, Any]:
        for name, is_there in (
            ("ClusterIdentifier", self._cluster.identifier),
            ("Database", self._cluster.database),
        ):
            if request.get(name) != is_there:
                raise DataApiError(
                    INVALID, f"{name} `{request.get(name)}` is not there; there is `{is_there}`"
                )
        for name in _ABSENT:
            if request.get(name) and request[name] != "JSON":
                raise DataApiError(INVALID, f"{name} is not supported here")
        if (size := sum(len(sql.encode()) for sql in sqls)) > LARGEST_SQL:
            raise DataApiError(INVALID, f"a request may have {LARGEST_SQL} bytes of SQL; got {size}")
        names = ("ClusterIdentifier", "Database", "DbUser", "SecretArn")
        target: dict[str, str] = {name: request[name] for name in names if request.get(name)}
        now = time()
        fresh = StoredStatement(str(uuid4()), sqls, parameters, is_batch, target, now, now)
        try:
            statement = self._store.add(fresh, request.get("ClientToken"))
        except TokenReusedError:
            raise DataApiError(INVALID, "ClientToken was sent before, with another statement") from None
        if statement is fresh:
            self._workers.submit(self._run, statement)
        return submitted(statement)

    def _run(self, statement: StoredStatement) -> None:
        began = monotonic_ns()
        statement.status = "PICKED"

        def start() -> None:
            statement.status = "STARTED"

        status: Status = "FAILED"
        try:
            statement.results = self._engine.execute(statement.sqls, statement.parameters, start)
            status = "FINISHED"
        except RedshiftError as error:
            statement.error, statement.failed_number = f"ERROR: {error}", error.number
        except Exception as error:  # noqa: BLE001  # a worker has nobody above it: the client is told
            statement.error, statement.failed_number = f"ERROR: internal: {error!r}", 1
        statement.duration_nanos = monotonic_ns() - began
        statement.updated = time()
        statement.status = status  # last: who sees it done sees all of it

    def _get(self, request: dict[str, Any]) -> tuple[StoredStatement, int]:
        """Return a statement, and the number that stands after the colon; 0 for none."""
        written = _text(request, "Id")
        identifier, _, number = written.partition(":")
        statement = self._store.get(identifier)
        is_whole = ":" not in written
        is_part = number.isdecimal() and statement is not None and 1 <= int(number) <= len(statement.sqls)
        if statement is None or not (is_whole or is_part):
            raise DataApiError("ResourceNotFoundException", f"query `{written}` does not exist")
        return statement, 0 if is_whole else int(number)

    def _describe(self, request: dict[str, Any]) -> dict[str, Any]:
        statement, number = self._get(request)
        return described_part(statement, number) if number else described(statement)

    def _result(self, request: dict[str, Any]) -> dict[str, Any]:
        statement, number = self._get(request)
        result: Result | None = None
        if statement.status == "FINISHED":
            result = statement.results[number - 1]  # the last one, where none is named
        if result is None or result.columns is None:
            message = f"query has no result: it is {statement.status}; see DescribeStatement"
            raise DataApiError("ResourceNotFoundException", message)
        token = str(request.get("NextToken") or 0)
        if not token.isdecimal() or int(token) > len(result.rows):
            raise DataApiError(INVALID, f"NextToken `{token}` is none that was given")
        return page(result, int(token))


def _text(request: Any, name: str) -> str:
    value = request.get(name) if isinstance(request, dict) else None
    if not isinstance(value, str) or not value.strip():
        raise DataApiError(INVALID, f"{name} must be a text; got `{value}`")
    return value
