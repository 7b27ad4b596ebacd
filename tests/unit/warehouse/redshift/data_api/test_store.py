"""The store is bounded, and what still runs stays."""

import pytest

from warehouse.redshift.data_api.errors import DataApiError
from warehouse.redshift.data_api.statement import TTL_SECONDS, Asked, Statement
from warehouse.redshift.data_api.store import StatementStore


def stored(identifier: str, created: float = 0.0, size: int = 0, *, is_done: bool = True) -> Statement:
    """Return a statement."""
    statement = Statement(identifier, Asked(("select 1",)), created, {"Sql": identifier})
    statement.parts[0].size_bytes = size
    if is_done:
        statement.move("FINISHED", created)
    return statement


def add(store: StatementStore, statement: Statement, token: str | None) -> None:
    """Remember a statement."""
    store.make_room(statement.created)
    store.add(statement, token)


@pytest.mark.parametrize(
    ("held", "now", "kept"),
    [
        pytest.param([stored("a"), stored("b"), stored("c")], 0.0, ["b", "c", "new"], id="three at most"),
        pytest.param([stored("a", size=6), stored("b", size=6)], 0.0, ["b", "new"], id="ten bytes at most"),
        pytest.param([stored("a"), stored("b", created=9.0)], TTL_SECONDS, ["b", "new"], id="for a day"),
    ],
)
def test_the_store_is_bounded(held: list[Statement], now: float, kept: list[str]) -> None:
    """The oldest are forgotten first."""
    store = StatementStore(most_statements=3, most_bytes=10)
    for statement in [*held, stored("new", created=now)]:
        add(store, statement, None)
    assert [name for name in ("a", "b", "c", "new") if store.get(name)] == kept


def test_what_still_runs_is_not_forgotten() -> None:
    """However old it is; the token of one that is forgotten is free."""
    store = StatementStore(most_statements=2)
    running = stored("running", is_done=False)
    add(store, running, "one")
    add(store, stored("a"), "two")
    add(store, stored("b"), None)
    assert store.get("running") is running
    assert store.get("a") is None
    assert store.sent_before(stored("c"), "two") is None
    assert store.sent_before(stored("running"), "one") is running
    with pytest.raises(DataApiError, match="ClientToken was sent before, with another request"):
        store.sent_before(stored("d"), "one")


def test_so_many_statements_are_active() -> None:
    """AWS's limit is 500; one that ends makes room."""
    store = StatementStore(most_active=2)
    first, second = stored("a", is_done=False), stored("b", is_done=False)
    add(store, first, None)
    add(store, second, None)
    with pytest.raises(DataApiError, match="2 statements are active; the limit is 2") as caught:
        add(store, stored("c"), None)
    assert caught.value.code == "ActiveStatementsExceededException"
    first.move("FAILED", 1.0)
    add(store, stored("c"), None)
    assert store.get("c")
