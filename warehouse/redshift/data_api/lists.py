"""ListStatements and ListSessions: what was asked in the last day, the newest first.

There is one role here, and it has one session: `RoleLevel` is true and false of the same statements.
Source: AWS, Amazon Redshift Data API Reference.
"""

from collections.abc import Mapping
from typing import Any

from warehouse.redshift.data_api import answers
from warehouse.redshift.data_api.errors import not_there, not_valid
from warehouse.redshift.data_api.sessions import KeptSession, Sessions
from warehouse.redshift.data_api.statement import Statement
from warehouse.redshift.data_api.store import StatementStore

MOST_LISTED = 100
_TARGET = ("ClusterIdentifier", "Database")


def statements(store: StatementStore, request: Mapping[str, Any]) -> dict[str, Any]:
    """Answer ListStatements.

    Raises:
        DataApiError: The token is none.
    """
    status = request.get("Status", "FINISHED")
    prefix = request.get("StatementName", "")

    def is_asked(statement: Statement) -> bool:
        return (
            status in {"ALL", statement.status}
            and statement.asked.name.startswith(prefix)
            and _is_at(statement.asked.target, request)
        )

    most = request.get("MaxResults") or MOST_LISTED
    found = store.newest(_before(request), most + 1, is_asked)
    answer: dict[str, Any] = {"Statements": [answers.listed(each) for each in found[:most]]}
    return answer | ({"NextToken": str(found[most - 1].number)} if len(found) > most else {})


def sessions(known: Sessions, request: Mapping[str, Any]) -> dict[str, Any]:
    """Answer ListSessions.

    Raises:
        DataApiError: The session never was, the token is none, or other members stand beside SessionId.
    """
    if identifier := request.get("SessionId"):
        if beside := sorted({"Status", *_TARGET} & request.keys()):
            raise not_valid(f"{beside[0]} cannot stand beside SessionId")
        kept = known.get(identifier)
        if kept is None:
            raise not_there(f"Session with Id: {identifier} does not exist", identifier)
        return {"Sessions": [answers.session(kept)]}
    statuses = {request["Status"]} if "Status" in request else {"AVAILABLE", "BUSY"}
    before = _before(request)

    def is_asked(kept: KeptSession) -> bool:
        is_older = not before or kept.number < before
        return is_older and kept.status in statuses and _is_at(kept.target, request)

    most = request.get("MaxResults") or MOST_LISTED
    found = [each for each in known.newest() if is_asked(each)]
    answer: dict[str, Any] = {"Sessions": [answers.session(each) for each in found[:most]]}
    return answer | ({"NextToken": str(found[most - 1].number)} if len(found) > most else {})


def _is_at(target: Mapping[str, str], request: Mapping[str, Any]) -> bool:
    return all(request.get(name, target.get(name)) == target.get(name) for name in _TARGET)


def _before(request: Mapping[str, Any]) -> int:
    token = request.get("NextToken") or "0"
    if not (token.isascii() and token.isdecimal()):
        raise not_valid(f"NextToken `{token}` is none that was given")
    return int(token)
