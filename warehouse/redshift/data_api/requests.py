"""Requests that are valid in themselves, held against the cluster and each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from warehouse.redshift.data_api.errors import no_connection, not_valid
from warehouse.redshift.data_api.statement import Asked
from warehouse.redshift.dialect.parameters import shared
from warehouse.redshift.errors import ParameterError

LARGEST_SQL = 100 * 1024
"""AWS, "Quotas for the Amazon Redshift Data API": bytes of one statement."""

_TARGET = ("ClusterIdentifier", "Database", "DbUser")


@dataclass(frozen=True, slots=True)
class Cluster:
    """The one cluster and database that are there."""

    identifier: str
    database: str


def target_of(request: Mapping[str, Any], cluster: Cluster) -> dict[str, str]:
    """Return cluster, database and user that a statement names.

    Raises:
        DataApiError: ValidationException, one of them is not there, or they stand beside a session.
    """
    named: dict[str, str] = {name: request[name] for name in _TARGET if request.get(name)}
    if "SessionId" in request:
        if "ClusterIdentifier" in named:
            raise not_valid("ClusterIdentifier cannot stand beside SessionId, which is of a cluster")
        return named
    _check(request, "ClusterIdentifier", cluster.identifier)
    _check(request, "Database", cluster.database)
    return named


def connect(request: Mapping[str, Any], cluster: Cluster) -> None:
    """Hold what a request for metadata names against what is there.

    Raises:
        DataApiError: ValidationException for a cluster, DatabaseConnectionException for a database that is
            not there.
    """
    _check(request, "ClusterIdentifier", cluster.identifier)
    for name in ("Database", "ConnectedDatabase"):
        if request.get(name, cluster.database) != cluster.database:
            raise no_connection(f'FATAL: database "{request[name]}" does not exist')


def asked_of(request: Mapping[str, Any], target: Mapping[str, str]) -> Asked:
    """Return what a client asks for.

    Raises:
        DataApiError: ValidationException, there is no SQL or too much of it, or parameters that do not fit.
    """
    is_batch = "Sqls" in request
    sqls = tuple(request["Sqls"]) if is_batch else (request["Sql"],)
    for sql in sqls:
        if not sql.strip():
            raise not_valid("a statement must have a text")
        if (size := len(sql.encode())) > LARGEST_SQL:
            raise not_valid(f"a statement may have {LARGEST_SQL} bytes of SQL; got {size}")
    return Asked(
        sqls,
        _parameters(request, sqls),
        is_batch,
        target,
        request.get("StatementName", ""),
        request.get("ResultFormat", "JSON"),
        request.get("ExecutionMode") == "AUTO_COMMIT",
        request.get("WithEvent", False),
    )


def _parameters(request: Mapping[str, Any], sqls: tuple[str, ...]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for each in request.get("Parameters", ()):
        name = each["name"]
        if not name.isidentifier() or name in parameters:
            raise not_valid(f"Parameters must have names that begin with a letter, each once; got `{name}`")
        parameters[name] = each["value"]
    try:
        shared(sqls, parameters)
    except ParameterError as error:
        raise not_valid(f"Parameters: {error}") from None
    return parameters


def _check(request: Mapping[str, Any], name: str, is_there: str) -> None:
    if request.get(name) != is_there:
        got = f"`{request[name]}`" if request.get(name) else "nothing"
        raise not_valid(f"{name} {got} is not there; there is `{is_there}`")
