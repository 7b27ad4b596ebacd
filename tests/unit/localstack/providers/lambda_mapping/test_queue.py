"""A queue's messages: side by side, and deleted only when they were taken."""

import threading
import time
from collections.abc import Callable, Sequence

import pytest

from localstack.providers.lambda_mapping.delivery import Failed
from localstack.providers.lambda_mapping.lane import MOST_PAYLOAD_BYTES, Batching
from localstack.providers.lambda_mapping.queue import Message, Queue
from tests.support.waiting import until


class Waiting:
    """A queue in memory; what is received and not deleted is in flight."""

    def __init__(self, count: int, size: int = 10, visible_seconds: float = 60) -> None:
        """Hold so many messages."""
        again = time.time() + visible_seconds
        self.messages = [Message(str(each), f"r{each}", size, {}, again) for each in range(count)]
        self.deleted: list[str] = []
        self.released: list[str] = []
        self.received = 0
        self._lock = threading.Lock()

    def receive(self, most: int, wait_seconds: int) -> list[Message]:
        """See `Source.receive`."""
        with self._lock:
            some, self.messages = self.messages[: min(most, 10)], self.messages[min(most, 10) :]
            self.received += len(some)
        if wait_seconds and not some:
            time.sleep(0.01)
        return some

    def delete(self, messages: Sequence[Message]) -> None:
        """See `Source.delete`."""
        with self._lock:
            self.deleted += [message.id for message in messages]

    def release(self, messages: Sequence[Message]) -> None:
        """See `Source.release`."""
        self.released += [message.id for message in messages]


class Function:
    """Notes its batches."""

    def __init__(self, answer: Callable[[Sequence[Message]], Failed | None] = lambda _: None) -> None:
        """Answer so."""
        self._answer = answer
        self._lock = threading.Lock()
        self.batches: list[list[str]] = []
        self.running = self.most_running = 0

    def __call__(self, batch: Sequence[Message]) -> Failed | None:
        """Take a batch."""
        with self._lock:
            self.batches.append([message.id for message in batch])
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        answer = self._answer(batch)
        with self._lock:
            self.running -= 1
        return answer


def queue(source: Waiting, function: Function, batching: Batching, concurrency: int = 5) -> Queue:
    """Return a queue's delivery, begun."""
    made = Queue(source, batching, concurrency=concurrency, invoke=function, now=time.time)
    made.start()
    return made


def held(blocked: threading.Event) -> Callable[[Sequence[Message]], Failed | None]:
    """Return a function's answer that waits."""

    def answer(_batch: Sequence[Message]) -> Failed | None:
        blocked.wait(20)
        return None

    return answer


def stop(made: Queue) -> None:
    """Stop it, and wait."""
    made.end()
    made.join()


def test_batches_run_side_by_side_up_to_the_limit() -> None:
    """And no more is received than workers are free for."""
    source, blocked = Waiting(100), threading.Event()
    function = Function(held(blocked))
    made = queue(source, function, Batching(4), concurrency=7)
    until(lambda: function.running == 7, 20)
    assert source.received == 28
    assert source.deleted == []
    blocked.set()
    until(lambda: len(source.deleted) == 100, 20)
    stop(made)
    assert function.most_running == 7
    assert sorted(map(int, source.deleted)) == list(range(100))


def test_a_batch_has_its_size_and_payload() -> None:
    """Gathered by several requests while its window lasts; what no longer fits begins the next."""
    source, function = Waiting(55), Function()
    made = queue(source, function, Batching(25, window_seconds=1))
    until(lambda: len(source.deleted) == 55, 20)
    stop(made)
    assert sorted(map(len, function.batches)) == [5, 25, 25]
    source, function = Waiting(5, size=MOST_PAYLOAD_BYTES // 2 - 1), Function()
    made = queue(source, function, Batching(10))
    until(lambda: len(source.deleted) == 5, 20)
    stop(made)
    assert sorted(map(len, function.batches)) == [1, 2, 2]


@pytest.mark.parametrize(
    ("failed", "deleted"),
    [
        pytest.param(None, ["0", "1", "2"], id="taken"),
        pytest.param(Failed({}), [], id="failed"),
        pytest.param(Failed({}, frozenset({"1"})), ["0", "2"], id="in part"),
        pytest.param(Failed({}, frozenset({"9"})), [], id="an id that is not of the batch"),
    ],
)
def test_only_what_was_taken_is_deleted(failed: Failed | None, deleted: list[str]) -> None:
    """The rest comes back when its visibility timeout has run out."""
    source, function = Waiting(3), Function(lambda _: failed)
    made = queue(source, function, Batching(10))
    until(lambda: function.batches, 20)
    stop(made)
    assert source.deleted == deleted


def test_a_throttled_batch_is_tried_while_nobody_else_can_receive_it() -> None:
    """Then it is let go, and comes back."""
    answers: list[Failed | None] = [Failed({}, is_throttled=True), Failed({}, is_throttled=True), None]
    source, function = Waiting(3), Function(lambda _: answers.pop(0))
    made = queue(source, function, Batching(10))
    until(lambda: source.deleted, 20)
    stop(made)
    assert function.batches == [["0", "1", "2"]] * 3
    source, function = Waiting(2, visible_seconds=0), Function(lambda _: Failed({}, is_throttled=True))
    made = queue(source, function, Batching(1), concurrency=1)
    until(lambda: function.batches == [["0"], ["1"]], 20)
    stop(made)
    assert source.deleted == []


def test_a_stop_waits_for_what_runs() -> None:
    """What was taken is deleted, and nothing more is received."""
    source, blocked = Waiting(40), threading.Event()
    made = queue(source, Function(held(blocked)), Batching(10), concurrency=2)
    until(lambda: source.received == 20, 20)
    made.end()
    threading.Timer(0.2, blocked.set).start()
    made.join()
    assert sorted(map(int, source.deleted)) == list(range(20))
    assert len(source.messages) == 20


def test_a_stop_gives_back_what_is_being_gathered() -> None:
    """It is neither delivered nor kept from others."""
    source, function = Waiting(15), Function()
    made = queue(source, function, Batching(20, window_seconds=60))
    until(lambda: source.received == 15, 20)
    stop(made)
    assert function.batches == []
    assert sorted(map(int, source.released)) == list(range(15))


def test_an_error_of_the_queue_ends_nothing() -> None:
    """It is read again."""

    class Failing(Waiting):
        failures = 1

        def receive(self, most: int, wait_seconds: int) -> list[Message]:
            if self.failures:
                self.failures -= 1
                msg = "the queue is away"
                raise OSError(msg)
            return super().receive(most, wait_seconds)

    source = Failing(3)
    made = queue(source, Function(), Batching(10))
    until(lambda: len(source.deleted) == 3, 20)
    stop(made)
