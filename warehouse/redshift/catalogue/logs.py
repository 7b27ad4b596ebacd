"""Functions of DuckDB's that give the history to the views of the system, when a query asks for it."""

from typing import Any

import duckdb

from warehouse.redshift.history import Client, History, Loaded, Ran

_CLIENT = "pid INTEGER, user_name VARCHAR, began TIMESTAMP, ended TIMESTAMP"
_RAN = (
    "query BIGINT, transaction BIGINT, pid INTEGER, user_name VARCHAR, text VARCHAR, kind VARCHAR, "
    "began TIMESTAMP, ended TIMESTAMP, row_count BIGINT, status VARCHAR, error VARCHAR"
)
_LOADED = (
    "query BIGINT, transaction BIGINT, pid INTEGER, user_name VARCHAR, began TIMESTAMP, ended TIMESTAMP, "
    "status VARCHAR, table_name VARCHAR, source VARCHAR, filenames VARCHAR[], row_count BIGINT"
)


def create_functions(connection: duckdb.DuckDBPyConnection, history: History) -> None:
    """Make the functions that the views of the history call, in every connection to the database."""
    for name, rows, columns in (
        ("system_sessions", lambda _asked: list(map(_client, history.kept_clients())), _CLIENT),
        ("system_statements", lambda _asked: list(map(_ran, history.kept_statements())), _RAN),
        ("system_loads", lambda _asked: list(map(_loaded, history.kept_loads())), _LOADED),
    ):
        connection.create_function(name, rows, ["VARCHAR"], f"STRUCT({columns})[]", side_effects=True)

    def last(what: str, pid: int) -> int:
        client = history.client(pid)
        return getattr(client, what) if client else -1

    connection.create_function("system_last", last, ["VARCHAR", "INTEGER"], "BIGINT", side_effects=True)


def _client(client: Client) -> dict[str, Any]:
    return {"pid": client.pid, "user_name": client.user, "began": client.began, "ended": client.ended}


def _ran(ran: Ran) -> dict[str, Any]:
    return {
        "query": ran.query,
        "transaction": ran.transaction,
        "pid": ran.client.pid,
        "user_name": ran.client.user,
        "text": ran.text,
        "kind": ran.kind,
        "began": ran.began,
        "ended": ran.ended,
        "row_count": ran.rows,
        "status": ran.status,
        "error": ran.error,
    }


def _loaded(loaded: Loaded) -> dict[str, Any]:
    ran = loaded.ran
    return {
        "query": ran.query,
        "transaction": ran.transaction,
        "pid": ran.client.pid,
        "user_name": ran.client.user,
        "began": ran.began,
        "ended": ran.ended,
        "status": ran.status,
        "table_name": loaded.table,
        "source": loaded.source,
        "filenames": list(loaded.filenames),
        "row_count": loaded.rows,
    }
