"""What becomes of a batch that fails."""

from collections.abc import Sequence
from math import ceil, log2
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstack.providers.lambda_mapping.delivery import Delivery, Failed, Policy, Record, Taken


def record(number: int, arrived: float = 1000.0) -> Record:
    """Return a record."""
    return Record(str(number), "k", arrived, 10, {"n": number})


class Function:
    """A function that fails on poison, and what was given up."""

    def __init__(self, *poison: int, policy: Policy, heals_after: int = 10**9) -> None:
        """Fail on batches with these numbers, so many times."""
        self._poison = {str(each) for each in poison}
        self._left = heals_after
        self.invocations = 0
        self.taken: list[str] = []
        self.given_up: list[tuple[list[str], str, int]] = []
        self.pauses: list[float] = []
        stopping = Event()
        stopping.wait = self.pauses.append  # type: ignore[assignment,method-assign]
        self.finished: list[str] = []
        self.delivery = Delivery(
            policy,
            invoke=self.invoke,
            finish=lambda batch, _: self.finished.extend(each.number for each in batch),
            discard=self.discard,
            now=lambda: 1000.0,
            stopping=stopping,
        )

    def invoke(self, batch: Sequence[Record]) -> Taken | Failed:
        """Fail or take."""
        self.invocations += 1
        if self._left and any(each.number in self._poison for each in batch):
            self._left -= 1
            return Failed({"requestId": "r"})
        self.taken += [each.number for each in batch]
        return Taken()

    def discard(self, batch: Sequence[Record], condition: str, _error: dict[str, Any], attempts: int) -> None:
        """Note what was given up."""
        self.given_up.append(([each.number for each in batch], condition, attempts))


@given(st.integers(0, 99))
def test_bisect_finds_one_poison_record(poison: int) -> None:
    """99 are taken in order, 1 is given up, at two more invocations for each halving."""
    function = Function(poison, policy=Policy(most_retries=0, is_bisected=True))
    function.delivery.deliver([record(number) for number in range(100)])
    assert function.taken == [str(number) for number in range(100) if number != poison]
    assert sorted(map(int, function.finished)) == list(range(100))
    assert function.given_up == [([str(poison)], "RetryAttemptsExhausted", 1)]
    assert function.invocations - 1 <= 2 * ceil(log2(100))


@pytest.mark.parametrize("retries", [0, 1, 5])
def test_a_batch_is_given_up_after_its_retries(retries: int) -> None:
    """Whole, where it is not bisected."""
    function = Function(1, policy=Policy(most_retries=retries))
    function.delivery.deliver([record(number) for number in range(3)])
    assert function.invocations == retries + 1
    assert function.given_up == [(["0", "1", "2"], "RetryAttemptsExhausted", retries + 1)]


def test_a_function_that_heals_loses_nothing() -> None:
    """It is tried for ever, with longer and longer pauses up to ten seconds."""
    function = Function(0, policy=Policy(), heals_after=12)
    function.delivery.deliver([record(0), record(1)])
    assert (function.taken, function.given_up) == (["0", "1"], [])
    assert function.pauses == sorted(function.pauses)
    assert function.pauses[-1] == 10


def test_what_is_too_old_is_given_up() -> None:
    """And the rest of its batch is delivered."""
    function = Function(policy=Policy(most_age_seconds=60))
    function.delivery.deliver([record(0, 900), record(1, 939), record(2, 941), record(3)])
    assert function.taken == ["2", "3"]
    assert function.given_up == [(["0", "1"], "RecordAgeExceeded", 0)]


@pytest.mark.parametrize(
    ("reported", "again"),
    [
        pytest.param({"2", "4"}, ["2", "3", "4"], id="from the lowest"),
        pytest.param({"0"}, ["0", "1"], id="nothing got on, so it is split"),
        pytest.param({"9"}, ["0", "1"], id="a number that is not of the batch"),
    ],
)
def test_reported_failures_are_tried_again(reported: set[str], again: list[str]) -> None:
    """What came before the lowest is done."""
    batches: list[list[str]] = []

    def invoke(batch: Sequence[Record]) -> Taken | Failed:
        batches.append([each.number for each in batch])
        return Failed({}, frozenset(reported)) if len(batches) == 1 else Taken()

    function = Function(policy=Policy())
    stopping = Event()
    delivery = Delivery(
        Policy(is_bisected=True),
        invoke=invoke,
        finish=lambda *_: None,
        discard=function.discard,
        now=lambda: 0.0,
        stopping=stopping,
    )
    delivery.deliver([record(number) for number in range(5)])
    assert batches[1] == again


def test_throttling_costs_no_retry() -> None:
    """It was not the records' fault."""
    answers = [Failed({}, is_throttled=True)] * 3
    function = Function(policy=Policy())
    delivery = Delivery(
        Policy(most_retries=0),
        invoke=lambda _: answers.pop() if answers else Taken(),
        finish=lambda *_: None,
        discard=function.discard,
        now=lambda: 0.0,
        stopping=Event(),
    )
    delivery.deliver([record(0)])
    assert function.given_up == []


def test_a_stop_leaves_the_rest_undone() -> None:
    """It is neither taken nor given up."""
    function = Function(0, policy=Policy())
    stopping = Event()
    stopping.set()
    delivery = Delivery(
        Policy(),
        invoke=function.invoke,
        finish=lambda batch, _: function.finished.extend(each.number for each in batch),
        discard=function.discard,
        now=lambda: 0.0,
        stopping=stopping,
    )
    delivery.deliver([record(0)])
    assert (function.taken, function.given_up, function.finished) == ([], [], [])


def test_a_report_with_bisect_costs_no_retry() -> None:
    """What lies behind the reported record is delivered, without a single retry allowed."""
    function = Function(4, policy=Policy(most_retries=0, is_bisected=True))
    plain = function.invoke

    def reporting(batch: Sequence[Record]) -> Taken | Failed:
        numbers = frozenset(each.number for each in batch if each.number == "4")
        if not numbers:
            return plain(batch)
        function.taken += [each.number for each in batch[: [each.number for each in batch].index("4")]]
        return Failed({"requestId": "r"}, numbers)

    function.delivery._invoke = reporting  # noqa: SLF001  # another function
    function.delivery.deliver([record(number) for number in range(10)])
    assert function.taken == [str(number) for number in range(10) if number != 4]
    assert [numbers for numbers, _, _ in function.given_up] == [["4"]]
