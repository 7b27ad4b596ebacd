"""When items expire."""

from typing import Any

import pytest

from localstack.providers.dynamodb.errors import DynamoDBError
from localstack.providers.dynamodb.ttl import TOO_OLD_SECONDS, Expiries, checked, described, expiry, sweep

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("item", "at"),
    [
        pytest.param({"until": {"N": "1700000000"}}, NOW, id="number"),
        pytest.param({"until": {"S": "1700000000"}}, None, id="text"),
        pytest.param({"other": {"N": "1"}}, None, id="missing"),
        pytest.param(None, None, id="no item"),
    ],
)
def test_only_a_number_expires(item: Any, at: float | None) -> None:
    """Every other type is ignored."""
    assert expiry(item, "until") == at


def expiries(**items: float) -> Expiries[str]:
    """Return what was noted of items now."""
    found: Expiries[str] = Expiries("until")
    for name, at in items.items():
        note(found, name, at)
    return found


def note(found: Expiries[str], name: str, at: float | None) -> None:
    """Write an item, or delete it."""
    found.note(name, None if at is None else {"until": {"N": str(at)}}, NOW)


def test_what_is_due_comes_in_order() -> None:
    """The longest expired first, no more than asked for, each once."""
    found = expiries(a=NOW - 1, b=NOW - 2, c=NOW, d=NOW + 1)
    assert found.due(NOW, 2) == ["b", "a"]
    assert found.due(NOW, 2) == ["c"]
    assert found.due(NOW, 2) == []
    assert len(found) == 1


def test_an_item_that_cannot_be_deleted_keeps_none_back(caplog: pytest.LogCaptureFixture) -> None:
    """The others that are due go, and the log says which stays."""
    found, deleted = expiries(a=NOW - 3, bad=NOW - 2, c=NOW - 1), []

    def delete(name: str) -> None:
        if name == "bad":
            raise KeyError(name)
        deleted.append(name)

    sweep(found, NOW, 9, delete)
    assert deleted == ["a", "c"]
    assert "is not deleted: bad" in caplog.text


def test_what_expired_five_years_ago_stays() -> None:
    """It is never deleted."""
    found = expiries(old=NOW - TOO_OLD_SECONDS - 1, young=NOW - TOO_OLD_SECONDS)
    assert found.due(NOW, 9) == ["young"]


def test_only_the_last_write_counts() -> None:
    """An item that was prolonged, deleted or put again expires by what it is now."""
    found = expiries(prolonged=NOW - 1, deleted=NOW - 1, shortened=NOW + 9)
    note(found, "prolonged", NOW + 9)
    note(found, "deleted", None)
    note(found, "shortened", NOW - 1)
    assert found.due(NOW, 9) == ["shortened"]


def test_an_item_that_is_prolonged_for_ever_takes_no_memory() -> None:
    """What is outdated is thrown away."""
    found = expiries()
    for number in range(10_000):
        note(found, "session", NOW + number)
    assert len(found._order) < 200  # noqa: SLF001  # memory has no other face
    assert found.due(NOW + 9_999, 9) == ["session"]


@pytest.mark.parametrize(
    ("current", "name", "is_enabled", "message"),
    [
        ("t", "t", True, "TimeToLive is already enabled"),
        (None, "t", False, "TimeToLive is already disabled"),
        ("t", "u", True, "active on a different AttributeName: current AttributeName is t"),
        ("t", "u", False, "active on a different AttributeName: current AttributeName is t"),
    ],
)
def test_what_aws_refuses(current: str | None, name: str, message: str, *, is_enabled: bool) -> None:
    """UpdateTimeToLive changes something, or fails."""
    with pytest.raises(DynamoDBError, match=message):
        checked(current, {"AttributeName": name, "Enabled": is_enabled})


def test_it_is_switched() -> None:
    """On and off, and described."""
    assert checked(None, {"AttributeName": "t", "Enabled": True}) == "t"
    assert checked("t", {"AttributeName": "t", "Enabled": False}) is None
    assert described("t") == {"TimeToLiveStatus": "ENABLED", "AttributeName": "t"}
    assert described(None) == {"TimeToLiveStatus": "DISABLED"}
