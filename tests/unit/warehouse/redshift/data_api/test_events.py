"""Events of statements that have ended."""

import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from warehouse.redshift.data_api.events import to_event_bridge
from warehouse.redshift.data_api.statement import Asked, Statement


class Bus:
    """EventBridge's side."""

    def __init__(self, failed: int = 0, error: Exception | None = None) -> None:
        """Take every entry, or fail."""
        self.entries: list[Any] = []
        self._failed = failed
        self._error = error

    def put_events(self, *, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803  # AWS's name
        """Take entries."""
        if self._error:
            raise self._error
        self.entries += Entries
        return {"FailedEntryCount": self._failed}


def ended() -> Statement:
    """Return a statement that has ended."""
    statement = Statement("one", Asked(("select 1",), name="test.testtable"), 1_601_586_865.5)
    statement.move("FAILED", 1_601_586_866.0)
    return statement


def test_an_event_says_what_awss_says() -> None:
    """AWS, "Monitoring events for the Amazon Redshift Data API in Amazon EventBridge"."""
    bus = Bus()
    to_event_bridge(bus, "millrace", "eu-west-1")(ended())
    (entry,) = bus.entries
    assert (entry["Source"], entry["DetailType"]) == (
        "aws.redshift-data",
        "Redshift Data Statement Status Change",
    )
    assert entry["Resources"] == ["arn:aws:redshift:eu-west-1:000000000000:cluster:millrace"]
    assert json.loads(entry["Detail"]) == {
        "principal": "arn:aws:iam::000000000000:root",
        "statementName": "test.testtable",
        "statementId": "one",
        "redshiftQueryId": -1,
        "state": "FAILED",
        "rows": -1,
        "expireAt": 1_601_673_265,
    }


@pytest.mark.parametrize(
    ("bus", "reason"),
    [
        pytest.param(Bus(failed=1), "1 entries failed", id="the bus refuses"),
        pytest.param(
            Bus(error=EndpointConnectionError(endpoint_url="http://127.0.0.1:9")), "127.0.0.1:9", id="no bus"
        ),
    ],
)
def test_an_event_that_cannot_be_put_is_told_in_a_line(
    bus: Bus, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The statement has ended, and nobody else is harmed."""
    to_event_bridge(bus, "millrace", "eu-west-1")(ended())
    told = capsys.readouterr().err
    assert told.startswith("warehouse: no event of statement one: ")
    assert reason in told
    assert len(told.splitlines()) == 1
