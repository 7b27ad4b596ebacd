"""What each operation's request may hold: names, types and limits, as in the API's model.

`tests/unit/warehouse/redshift/data_api/test_shapes.py` holds this table against botocore's current model, so
it cannot drift: a new operation or member is refused by name, until it is added here.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A string: its length, its pattern, or the values it may have."""

    least: int | None = None
    most: int | None = None
    pattern: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """An integer and its bounds."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Flag:
    """A boolean."""


@dataclass(frozen=True, slots=True)
class Many:
    """A list, and how many members it has."""

    of: "Shape"
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Fields:
    """A structure; names in `required` must be there."""

    members: Mapping[str, "Shape"]
    required: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A member of AWS's model that this warehouse refuses by name, and what to do instead."""

    instead: str


type Shape = Text | Number | Flag | Many | Fields | Unsupported

MOST_SQLS = 40
_ID = Text(pattern=r"[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d{0,2})?")
_CLUSTER = Text(1, 63, r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_STATEMENT_STATUSES = ("SUBMITTED", "PICKED", "STARTED", "FINISHED", "ABORTED", "FAILED", "ALL")
_WAIT = Number(1, 30)
_STATEMENT_NAME = Text(0, 2048)
_PARAMETER = Fields(
    {"name": Text(pattern="[0-9a-zA-Z_]+"), "value": Text(least=1)}, frozenset({"name", "value"})
)

_WORKGROUP = Unsupported("this warehouse is a cluster: name it by ClusterIdentifier")
_SECRET = Unsupported("no secret is read here: name the user by DbUser")
_TARGET: dict[str, Shape] = {
    "ClusterIdentifier": _CLUSTER,
    "Database": Text(),
    "DbUser": Text(),
    "SecretArn": _SECRET,
    "WorkgroupName": _WORKGROUP,
}
_SUBMITTED: dict[str, Shape] = {
    **_TARGET,
    "ClientToken": Text(1, 64),
    "Parameters": Many(_PARAMETER, least=1),
    "ResultFormat": Text(choices=("JSON", "CSV")),
    "SessionId": _ID,
    "SessionKeepAliveSeconds": Number(0, 86_400),
    "StatementName": _STATEMENT_NAME,
    "WaitTimeSeconds": _WAIT,
    "WithEvent": Flag(),
}
_RESULT: dict[str, Shape] = {"Id": _ID, "NextToken": Text(), "WaitTimeSeconds": _WAIT}
_LISTED: dict[str, Shape] = {**_TARGET, "MaxResults": Number(0, 1000), "NextToken": Text()}
_LIST_FILTER: dict[str, Shape] = {
    "ClusterIdentifier": _CLUSTER,
    "Database": Text(),
    "MaxResults": Number(0, 100),
    "NextToken": Text(),
    "RoleLevel": Flag(),
    "WorkgroupName": _WORKGROUP,
}


def _request(members: Mapping[str, Shape], *required: str) -> Fields:
    return Fields(members, frozenset(required))


OPERATIONS: Mapping[str, Fields] = {
    "BatchExecuteStatement": _request(
        {
            **_SUBMITTED,
            "ExecutionMode": Text(choices=("TRANSACTION", "AUTO_COMMIT")),
            "Sqls": Many(Text(), 1, MOST_SQLS),
        },
        "Sqls",
    ),
    "CancelStatement": _request({"Id": _ID}, "Id"),
    "DescribeStatement": _request({"Id": _ID, "WaitTimeSeconds": _WAIT}, "Id"),
    "DescribeTable": _request(
        {**_LISTED, "ConnectedDatabase": Text(), "Schema": Text(), "Table": Text()}, "Database"
    ),
    "ExecuteStatement": _request({**_SUBMITTED, "Sql": Text()}, "Sql"),
    "GetStatementResult": _request(_RESULT, "Id"),
    "GetStatementResultV2": _request(_RESULT, "Id"),
    "ListDatabases": _request(_LISTED),
    "ListSchemas": _request({**_LISTED, "ConnectedDatabase": Text(), "SchemaPattern": Text()}, "Database"),
    "ListSessions": _request(
        {**_LIST_FILTER, "SessionId": _ID, "Status": Text(choices=("AVAILABLE", "BUSY", "CLOSED"))}
    ),
    "ListStatements": _request(
        {**_LIST_FILTER, "StatementName": _STATEMENT_NAME, "Status": Text(choices=_STATEMENT_STATUSES)}
    ),
    "ListTables": _request(
        {**_LISTED, "ConnectedDatabase": Text(), "SchemaPattern": Text(), "TablePattern": Text()}, "Database"
    ),
}
