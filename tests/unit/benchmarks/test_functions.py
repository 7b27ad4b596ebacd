"""The Lambda benchmark: what arrived is held against what was put, and who cannot is shown."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks.functions.arrivals import Arrivals, Pair, written_bytes
from benchmarks.functions.handler import handler
from benchmarks.functions.mapping import MAPPING
from benchmarks.functions.measure import Delivery, Results
from benchmarks.functions.peers import ALL
from benchmarks.functions.plan import FULL
from benchmarks.functions.report import Run
from benchmarks.peers import MINISTACK, OURS
from benchmarks.turns import Gap

PUT = [("a", b"1"), ("b", b"22"), ("a", b"333"), ("b", b"4444")]


@pytest.fixture
def arrivals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the function writes."""
    path = tmp_path / "arrivals.txt"
    monkeypatch.setenv("ARRIVALS", str(path))
    monkeypatch.setenv("PAUSE", "0")
    return path


def deliver(*batches: list[Pair]) -> None:
    """Invoke the function as a mapping does."""
    for batch in batches:
        kinesis = [{"partitionKey": key, "data": base64.b64encode(data).decode()} for key, data in batch]
        handler({"Records": [{"kinesis": each} for each in kinesis]}, None)


def test_what_the_function_wrote_is_read_back(arrivals: Path) -> None:
    """Batch by batch, and no more bytes than a delivery waits for, but for a line a batch."""
    deliver(PUT[:3], PUT[3:])
    found = Arrivals.read(arrivals)
    assert [each.pairs for each in found.batches] == [PUT[:3], PUT[3:]]
    assert (found.records, found.environments, found.differences(PUT)) == (4, 1, "")
    records = [line for line in arrivals.read_text().splitlines(keepends=True) if not line.startswith("@")]
    assert sum(map(len, records)) == sum(map(written_bytes, PUT))


def test_a_batch_that_is_half_written_is_none(arrivals: Path) -> None:
    """It is read again when it is whole."""
    deliver(PUT[:2], PUT[2:])
    arrivals.write_text(arrivals.read_text()[:-3])
    assert Arrivals.read(arrivals).records == 2


@pytest.mark.parametrize(
    ("came", "differences"),
    [
        pytest.param(PUT[:2], "", id="the rest may still come"),
        pytest.param([PUT[1], PUT[0], PUT[3], PUT[2]], "", id="keys in any order"),
        pytest.param(
            [PUT[2]], "1 records were passed over, 0 came again, 0 were never put", id="passed over"
        ),
        pytest.param(
            [PUT[0], *PUT], "0 records were passed over, 1 came again, 0 were never put", id="twice"
        ),
        pytest.param(
            [("a", b"x")], "1 records were passed over, 0 came again, 1 were never put", id="never put"
        ),
        pytest.param([PUT[2], PUT[0]], "a key's records came out of their order", id="order"),
    ],
)
def test_what_is_not_as_it_was_put_is_said(arrivals: Path, came: list[Pair], differences: str) -> None:
    """By key."""
    deliver(came)
    assert Arrivals.read(arrivals).differences(PUT) == differences


def test_a_peer_that_cannot_do_a_case_is_shown_with_its_error(tmp_path: Path) -> None:
    """As "no" in the table, by its own words below; ours keeps its figure and has no verdict over it."""
    delivery = Delivery(OURS, MAPPING, 100, 100, 2, 1, 0.5, 1.0, 0.01)
    results = Results([], [delivery], [Gap(MINISTACK.name, MAPPING, "it has none")])
    peers = [each for each in ALL if each.name in (OURS, MINISTACK.name)]
    Run(FULL, peers, results, {"cores": 2}).write(tmp_path, Console(quiet=True))
    page = (tmp_path / "lambda.md").read_text(encoding="utf-8")
    assert f"| {MINISTACK.title} | no | no | no | no |" in page
    assert "| ministack | mapping | it has none |" in page
    assert "| Millrace | 100 | 0.50 | 100 | 1 |" in page
    facts: dict[str, Any] = json.loads((tmp_path / "lambda.json").read_text(encoding="utf-8"))
    assert {each["is_kept"] for each in facts["asked"]} == {None}
    assert facts["machine"] == {"cores": 2}
