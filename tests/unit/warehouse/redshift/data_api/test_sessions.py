"""Sessions that clients keep: temporary tables and transactions outlive a statement."""

from typing import Any

import pytest

from tests.unit.warehouse.redshift.data_api.support import (
    TARGET,
    UNKNOWN,
    HandClock,
    batch,
    execute,
    finish,
    reaches,
    rows,
)
from warehouse.redshift.data_api import sessions
from warehouse.redshift.data_api.errors import DataApiError
from warehouse.redshift.data_api.operations import DataApi
from warehouse.redshift.engine import Engine

DAY = 24 * 3600


def opened(api: DataApi, sql: str = "select 1", seconds: int = 60) -> str:
    """Run a statement in a new session and return the session."""
    return str(execute(api, sql, SessionKeepAliveSeconds=seconds)["SessionId"])


def run(api: DataApi, session: str, sql: str, **more: Any) -> dict[str, Any]:
    """Run a statement in a session."""
    return finish(api, api.call("ExecuteStatement", {"Sql": sql, "SessionId": session} | more)["Id"])


def listed(api: DataApi, **request: Any) -> list[dict[str, Any]]:
    """Return sessions as they are listed."""
    return list(api.call("ListSessions", request)["Sessions"])


def test_a_session_keeps_temporary_tables(api: DataApi) -> None:
    """Others do not see them, and each statement of the session runs in the same process."""
    session = opened(api, "create temp table mine as select 7 as a")
    one, two = (run(api, session, "select a from mine") for _ in range(2))
    assert one["RedshiftPid"] == two["RedshiftPid"]
    assert api.call("GetStatementResult", {"Id": two["Id"]})["Records"] == [[{"longValue": 7}]]
    assert 'relation "mine" does not exist' in execute(api, "select a from mine")["Error"]


def test_a_session_keeps_its_transaction_open(api: DataApi) -> None:
    """Until it commits, which a batch may do too."""
    execute(api, "create table t (a integer)")
    session = opened(api, "begin")
    run(api, session, "insert into t values (1)")
    assert rows(api, "select count(*) from t") == [[0]]
    request = {"Sqls": ["insert into t values (2)", "commit", "select count(*) from t"], "SessionId": session}
    done = finish(api, api.call("BatchExecuteStatement", request)["Id"])
    assert (done["Status"], done["SessionId"]) == ("FINISHED", session)
    assert rows(api, "select count(*) from t") == [[2]]


def test_a_statement_without_a_session_leaves_nothing_behind(api: DataApi) -> None:
    """Its temporary tables end with it; 0 seconds are no session."""
    answer = api.call("ExecuteStatement", TARGET | {"Sql": "select 1", "SessionKeepAliveSeconds": 0})
    assert "SessionId" not in answer
    batch(api, "create temp table mine as select 7 as a", "select a from mine")
    assert 'relation "mine" does not exist' in execute(api, "select a from mine")["Error"]
    assert listed(api) == []


def test_a_session_takes_one_statement_at_a_time(api: DataApi, engine: Engine) -> None:
    """The next is refused while one runs, in AWS's words, and the session says which it is."""
    execute(api, "create table t (a integer)")
    holder = engine.session("")
    holder.run(["begin", "lock t"])
    session = opened(api)
    busy = api.call("ExecuteStatement", {"Sql": "lock t", "SessionId": session})["Id"]
    reaches(api, busy, "STARTED")
    with pytest.raises(DataApiError, match="Session is not available; it is BUSY") as caught:
        run(api, session, "select 1")
    assert caught.value.code == "ValidationException"
    (told,) = listed(api)
    assert (told["SessionId"], told["Status"], told["CurrentStatementId"]) == (session, "BUSY", busy)
    holder.close()
    assert finish(api, busy)["Status"] == "FINISHED"
    assert run(api, session, "select 1")["Status"] == "FINISHED"


def test_a_session_that_nobody_comes_back_for_is_closed(api: DataApi, clock: HandClock) -> None:
    """Its transaction is rolled back and its locks are let go of; it is told as CLOSED for a day."""
    execute(api, "create table t (a integer)")
    session = opened(api, "begin")
    run(api, session, "lock t")
    run(api, session, "insert into t values (1)")
    clock.now += 59
    run(api, session, "select 1")  # and the minute begins anew
    clock.now += 59
    assert run(api, session, "select 1")["Status"] == "FINISHED"
    clock.now += 60
    with pytest.raises(DataApiError, match="Session is not available; it is CLOSED"):
        run(api, session, "commit")
    assert batch(api, "lock t", "select 1")["Status"] == "FINISHED"
    assert rows(api, "select count(*) from t") == [[0]]
    assert listed(api) == []
    assert [told["Status"] for told in listed(api, Status="CLOSED")] == ["CLOSED"]
    clock.now += DAY
    with pytest.raises(DataApiError, match=f"Session with Id: {session} is invalid"):
        run(api, session, "select 1")


def test_a_session_ends_a_day_after_it_began(api: DataApi, clock: HandClock) -> None:
    """However often it is used; a client may say anew how long it is kept."""
    session = opened(api, seconds=10)
    run(api, session, "select 1", SessionKeepAliveSeconds=20 * 3600)
    clock.now += 19 * 3600
    assert run(api, session, "select 1")["Status"] == "FINISHED"
    clock.now += 5 * 3600
    with pytest.raises(DataApiError, match="Session is not available"):
        run(api, session, "select 1")


def test_a_session_is_closed_by_its_last_statement(api: DataApi) -> None:
    """Which says so by 0 seconds."""
    session = opened(api)
    run(api, session, "select 1", SessionKeepAliveSeconds=0)
    with pytest.raises(DataApiError, match="Session is not available; it is CLOSED"):
        run(api, session, "select 1")


@pytest.mark.parametrize(
    ("beside", "message"),
    [
        pytest.param({"ClusterIdentifier": "millrace"}, "cannot stand beside SessionId", id="cluster"),
        pytest.param({"Database": "prod"}, "Database `prod` is not the session's, `dev`", id="database"),
        pytest.param({"DbUser": "other"}, "DbUser `other` is not the session's, `awsuser`", id="user"),
    ],
)
def test_a_session_is_of_one_database_and_user(api: DataApi, beside: dict[str, str], message: str) -> None:
    """A request that names another is refused; the session's own may stand there."""
    session = opened(api)
    with pytest.raises(DataApiError, match=message):
        run(api, session, "select 1", **beside)
    assert run(api, session, "select 1", Database="dev", DbUser="awsuser")["Status"] == "FINISHED"


def test_a_session_that_never_was_is_refused(api: DataApi) -> None:
    """By another error than one that was."""
    with pytest.raises(DataApiError, match=f"Session with Id: {UNKNOWN} is invalid"):
        run(api, UNKNOWN, "select 1")


def test_there_are_so_many_sessions(api: DataApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS's limit is 500; a session that is closed makes room."""
    monkeypatch.setattr(api._workers.sessions, "_most", 2)  # noqa: SLF001  # a smaller one
    first, _ = opened(api), opened(api)
    with pytest.raises(DataApiError, match="2 sessions are open; the limit is 2") as caught:
        opened(api)
    assert caught.value.code == "ActiveSessionsExceededException"
    run(api, first, "select 1", SessionKeepAliveSeconds=0)
    assert opened(api)
    assert sessions.MOST_SESSIONS == 500


def test_sessions_are_listed_the_newest_first(api: DataApi, clock: HandClock) -> None:
    """In pages; one by its identifier, with nothing beside it."""
    made = []
    for _ in range(3):
        clock.now += 1
        made.append(opened(api))
    page = api.call("ListSessions", {"MaxResults": 2, "Database": "dev", "ClusterIdentifier": "millrace"})
    assert [each["SessionId"] for each in page["Sessions"]] == made[:0:-1]
    (last,) = listed(api, NextToken=page["NextToken"])
    assert last == {
        **TARGET,
        "SessionId": made[0],
        "Status": "AVAILABLE",
        "CreatedAt": clock.now - 2,
        "UpdatedAt": clock.now - 2,
        "SessionAliveSeconds": 60,
        "SessionTtl": clock.now + 58,
    }
    assert listed(api, SessionId=made[0]) == [last]
    assert listed(api, Database="other") == listed(api, Status="BUSY") == []
    with pytest.raises(DataApiError, match="Status cannot stand beside SessionId"):
        listed(api, SessionId=made[0], Status="BUSY")
    with pytest.raises(DataApiError, match="does not exist") as caught:
        listed(api, SessionId=UNKNOWN)
    assert caught.value.code == "ResourceNotFoundException"
