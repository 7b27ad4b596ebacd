"""Tumbling windows: told the time, they say what is over; a shard delivers in them."""

import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localstack.providers.lambda_mapping.delivery import Failed, Policy, Record
from localstack.providers.lambda_mapping.lane import Batching
from localstack.providers.lambda_mapping.progress import Position
from localstack.providers.lambda_mapping.shard import Page, Shard
from localstack.providers.lambda_mapping.window import MOST_STATE_BYTES, Window, Windows
from tests.support.waiting import until

NOW = 1_000_000.0


def test_a_window_is_a_span_of_arrivals() -> None:
    """It is over when all before its end was delivered, whatever the clock says."""
    windows = Windows(60)
    windows.enter(125.9)
    assert windows.opened == Window(120, 180)
    windows.take({"n": 1})
    windows.enter(130)
    assert windows.opened == Window(120, 180, {"n": 1})
    assert windows.holds(179.999)
    assert not windows.holds(180)
    assert not windows.is_over(179.999)
    assert windows.is_over(180)
    assert windows.event(is_final=True) == {
        "window": {"start": "1970-01-01T00:02:00Z", "end": "1970-01-01T00:03:00Z"},
        "state": {"n": 1},
        "isFinalInvokeForWindow": True,
        "isWindowTerminatedEarly": False,
    }


def test_a_late_record_opens_no_window_again() -> None:
    """It goes to the window that is open, or to the next one."""
    windows = Windows(60)
    windows.enter(125)
    windows.close()
    windows.enter(130)
    assert windows.opened == Window(180, 240)
    assert windows.holds(130)


def test_a_state_beyond_its_limit_ends_the_window_early() -> None:
    """What follows in the same span begins with a fresh state."""
    windows = Windows(60)
    windows.enter(125)
    windows.take({"a": "x" * (MOST_STATE_BYTES - 9)})
    assert not windows.is_full
    windows.take({"a": "x" * (MOST_STATE_BYTES - 8)})
    assert windows.is_full
    assert windows.event(is_final=True)["isWindowTerminatedEarly"]
    assert not windows.event()["isWindowTerminatedEarly"]
    windows.close()
    windows.enter(126)
    assert windows.opened == Window(120, 180)


@pytest.mark.parametrize(
    ("seconds", "is_over"), [pytest.param(30, False, id="shorter"), pytest.param(0, True, id="none")]
)
def test_an_open_window_outlives_a_change_of_its_length(seconds: int, is_over: bool) -> None:  # noqa: FBT001  # a table's column
    """It ends when it was to end; where windows are no more, at once."""
    windows = Windows(seconds, Window(120, 180, {"n": 1}))
    assert windows.is_over(130) is is_over
    windows.close()
    windows.enter(185)
    assert windows.opened == (Window(180, 210) if seconds else None)


class Source:
    """A shard that gives what it is handed, page by page."""

    def __init__(self, *pages: Page) -> None:
        """Hand it pages."""
        self._pages = list(pages)
        self.given = 0

    def read(self) -> Page:
        """See `Reader.read`."""
        self.given += 1
        return self._pages.pop(0) if self._pages else Page()


class Counter:
    """A function that counts records in its state, and notes its final invocations."""

    def __init__(self, answers: Sequence[Any] = ()) -> None:
        """Give these answers first."""
        self._answers = list(answers)
        self.events: list[dict[str, Any]] = []
        self.finals: list[dict[str, Any]] = []

    def __call__(self, batch: Sequence[Record], fields: Mapping[str, Any]) -> tuple[Any, Failed | None]:
        """Take a batch."""
        self.events.append({**fields, "numbers": [each.number for each in batch]})
        if self._answers and (answer := self._answers.pop(0)) is not None:
            return answer if isinstance(answer, tuple) else (answer, None)
        state = {"n": fields["state"].get("n", 0) + len(batch)}
        if fields["isFinalInvokeForWindow"]:
            self.finals.append(dict(fields))
        return {"state": state}, None


def records(*arrived: float) -> list[Record]:
    """Return records by their arrivals."""
    return [Record(str(number), "k", each, 10, {}) for number, each in enumerate(arrived)]


def shard(
    source: Source, function: Any, begin: Position | None = None, *, most_records: int = 10, **policy: Any
) -> Shard:
    """Return a shard with windows of a minute, which tries again without a pause."""
    made = Shard(
        source,
        Batching(most_records, tumbling_seconds=60),
        Policy(**policy),
        call=function,
        discard=lambda *_: None,
        now=lambda: NOW,
        begin=begin,
    )
    waited = made._stopping.wait  # noqa: SLF001  # the pauses are not what is tested
    made._stopping.wait = lambda timeout=0: waited(min(timeout or 0, 0.001))  # type: ignore[method-assign]  # noqa: SLF001  # as above
    made.start()
    return made


def stopped(made: Shard) -> Position:
    """Stop a shard, and return how far it is."""
    made.end()
    made.join()
    return made.position()


def drained(made: Shard) -> None:
    """Wait for the end of a shard."""
    until(lambda: made.is_drained, 20)
    stopped(made)


@settings(max_examples=15)  # each runs threads
@given(st.lists(st.floats(0, 600), max_size=60), st.integers(1, 30))
def test_every_window_closes_once_and_the_finals_hold_every_record(arrivals: list[float], page: int) -> None:
    """Of a shard that is closed in the middle of a window, as by a split; no batch spans two windows."""
    some = records(*sorted(arrivals))
    pages = [Page(some[first : first + page]) for first in range(0, len(some), page)]
    function = Counter()
    drained(shard(Source(*pages, Page(has_ended=True)), function))
    spans = [json.dumps(each["window"]) for each in function.finals]
    assert len(spans) == len(set(spans)) == len({int(each // 60) for each in arrivals})
    assert sum(each["state"]["n"] for each in function.finals) == len(arrivals)
    arrived = {each.number: each.arrived for each in some}
    for event in function.events:
        assert len({int(arrived[number] // 60) for number in event["numbers"]}) <= 1


def test_a_window_is_over_once_all_of_it_was_read() -> None:
    """And not while a reading may still find some of it; no record of the next window is needed."""
    function = Counter()
    source = Source(Page(records(61, 70)), Page(complete_until=119.9))
    made = shard(source, function)
    until(lambda: source.given > 5 and function.events, 20)
    assert function.finals == []
    source._pages.append(Page(complete_until=120.0))  # noqa: SLF001  # the clock moves by hand
    until(lambda: function.finals, 20)
    assert [each["state"] for each in function.finals] == [{"n": 2}]
    assert stopped(made) == Position("1")


def test_a_failure_costs_no_state() -> None:
    """Of a batch, by an error or an answer without a state; and of the final invocation, tried for ever."""
    errors = [(None, Failed({})), {"no": "state"}, {"state": None}, None, (None, Failed({})), {}, None]
    function = Counter(errors)
    drained(shard(Source(Page(records(61, 62)), Page(has_ended=True)), function))
    assert [(each["numbers"], each["isFinalInvokeForWindow"]) for each in function.events] == [
        *[(["0", "1"], False)] * 4,
        *[([], True)] * 3,
    ]
    assert [each["state"] for each in function.finals] == [{"n": 2}]


def test_what_is_given_up_leaves_the_state_as_it_was() -> None:
    """The window goes on without it."""
    function = Counter([None, (None, Failed({}))])
    source = Source(Page(records(61, 62, 63)), Page(has_ended=True))
    drained(shard(source, function, most_records=1, most_retries=0))
    assert [each["state"] for each in function.finals] == [{"n": 2}]


def test_a_partial_failure_keeps_the_state_of_what_was_taken() -> None:
    """It holds the records before the lowest reported number; an answer without a state took nothing."""
    partly = ({"state": {"n": 2}}, Failed({}, frozenset({"2"})))
    function = Counter([({}, Failed({}, frozenset({"2"}))), partly])
    drained(shard(Source(Page(records(61, 62, 63, 64)), Page(has_ended=True)), function))
    assert [each["numbers"] for each in function.events] == [
        ["0", "1", "2", "3"],
        ["0", "1", "2", "3"],
        ["2", "3"],
        [],
    ]
    assert [each["state"] for each in function.finals] == [{"n": 4}]


def test_a_bisected_batch_counts_once() -> None:
    """Each half begins with what the one before it left."""
    function = Counter([(None, Failed({})), None, (None, Failed({}))])
    drained(shard(Source(Page(records(61, 62, 63, 64)), Page(has_ended=True)), function, is_bisected=True))
    assert [each["state"] for each in function.finals] == [{"n": 4}]


def test_a_large_state_is_handed_over_early_and_nothing_is_lost() -> None:
    """The final invocation has the state that was too large, and says so; what follows is counted anew."""
    large = {"state": {"n": 1, "x": "x" * MOST_STATE_BYTES}}
    function = Counter([large])
    drained(shard(Source(Page(records(61, 62)), Page(has_ended=True)), function, most_records=1))
    assert [(each["state"]["n"], each["isWindowTerminatedEarly"]) for each in function.finals] == [
        (1, True),
        (1, False),
    ]
    assert {each["window"]["start"] for each in function.finals} == {"1970-01-01T00:01:00Z"}


def test_a_large_state_of_half_a_batch_is_handed_over_before_the_other_half() -> None:
    """A bisected batch is delivered in several invocations, and the limit is each one's."""
    large = {"state": {"n": 2, "x": "x" * MOST_STATE_BYTES}}
    function = Counter([(None, Failed({})), large])
    drained(shard(Source(Page(records(61, 62, 63, 64)), Page(has_ended=True)), function, is_bisected=True))
    assert [(each["state"]["n"], each["isWindowTerminatedEarly"]) for each in function.finals] == [
        (2, True),
        (2, False),
    ]


def test_a_paused_window_goes_on_with_its_state() -> None:
    """Position and state are of one moment."""
    function = Counter()
    made = shard(Source(Page(records(61, 62))), function)
    until(lambda: made.position().checkpoint == "1", 20)
    begin = stopped(made)
    assert begin == Position("1", (), Window(60, 120, {"n": 2}))
    rest = [Record("2", "k", 63.0, 10, {}), Record("3", "k", 121.0, 10, {})]
    drained(shard(Source(Page(rest, has_ended=True)), function, begin))
    assert [each["state"] for each in function.finals] == [{"n": 3}, {"n": 1}]


def test_a_stop_ends_the_trying_of_a_final_invocation() -> None:
    """Its window stays open for the next."""
    failed = threading.Event()

    def failing(batch: Sequence[Record], _fields: Any) -> tuple[Any, Failed | None]:
        if batch:
            return {"state": {"n": 1}}, None
        failed.set()
        return None, Failed({})

    made = shard(Source(Page(records(61)), Page(has_ended=True)), failing)
    assert failed.wait(20)
    assert stopped(made) == Position("0", (), Window(60, 120, {"n": 1}))
