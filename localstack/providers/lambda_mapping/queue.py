"""A queue's messages to a function: batches side by side, deleted only when they were taken.

The rules are those of https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html: what failed stays in the queue
and comes back when its visibility timeout has run out; then it, or the queue's dead letters, are SQS's.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import BoundedSemaphore, Event, Thread
from typing import Any, Protocol

from localstack.providers.lambda_mapping.delivery import Failed, pause
from localstack.providers.lambda_mapping.lane import LOOK_SECONDS, MOST_PAYLOAD_BYTES, Batching

_LOGGER = logging.getLogger(__name__)
_RECEIVE_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Message:
    """One message, received.

    Attributes:
        id: MessageId.
        receipt: ReceiptHandle of this receipt.
        size_bytes: Of its event.
        event: As the function gets it.
        visible_again: When it comes back if it is not deleted, in seconds since 1970.
    """

    id: str
    receipt: str
    size_bytes: int
    event: dict[str, Any]
    visible_again: float


class Source(Protocol):
    """A queue, of which a filter has let some messages through."""

    def receive(self, most: int, wait_seconds: int) -> list[Message]:
        """Wait for messages, and return at most so many of them."""

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete messages."""

    def release(self, messages: Sequence[Message]) -> None:
        """Give messages back, so that they can be received at once."""


type Invoke = Callable[[Sequence[Message]], Failed | None]


class Queue:
    """Delivers one queue.

    **Parallelism**: as many batches at once as the mapping's MaximumConcurrency; nothing is received that
    no worker is free for. **Delivery**: at least once. **Order**: SQS gives no more of a FIFO queue's group
    while some of it is under way, so each group's is kept. **On failure**: the message stays in the queue;
    while the function is throttled the batch is tried again for as long as nobody else can receive it.
    """

    def __init__(
        self,
        source: Source,
        batching: Batching,
        *,
        concurrency: int,
        invoke: Invoke,
        now: Callable[[], float],
    ) -> None:
        """Start nothing yet."""
        self._source = source
        self._batching = batching
        self._concurrency = concurrency
        self._invoke = invoke
        self._now = now
        self._stopping = Event()
        self._free = BoundedSemaphore(concurrency)
        self._next: list[Message] = []
        self._receiver = Thread(target=self._receive, daemon=True, name="mapping-receive")

    def start(self) -> None:
        """Begin."""
        self._receiver.start()

    def end(self) -> None:
        """Deliver no more."""
        self._stopping.set()

    def join(self) -> None:
        """Wait for the invocations that run."""
        self._receiver.join()
        for _ in range(self._concurrency):
            self._free.acquire()

    def _receive(self) -> None:
        trouble = ""
        while not self._stopping.is_set():
            if not self._free.acquire(timeout=LOOK_SECONDS):
                continue
            batch: list[Message] = []
            try:
                batch = self._batch()
                trouble = ""
            except Exception as error:  # noqa: BLE001  # whatever it is, it must not end the queue's thread
                if str(error) != trouble:
                    _LOGGER.warning("the queue is not read: %s", error)
                trouble = str(error)
                self._stopping.wait(_RECEIVE_SECONDS)
            if batch:
                Thread(target=self._work, args=(batch,), daemon=True, name="mapping-work").start()
            else:
                self._free.release()

    def _batch(self) -> list[Message]:
        """Gather a batch; what a stop interrupts is given back."""
        batch: list[Message] = []
        deadline = None
        while not self._stopping.is_set():
            room = self._batching.most_records - len(batch)
            if not self._next:
                left = _RECEIVE_SECONDS if deadline is None else deadline - self._now()
                if not room or left <= 0:
                    break
                self._next = self._source.receive(room, int(left >= _RECEIVE_SECONDS))
                if not self._next and deadline is None:
                    break
                if not self._next and left < _RECEIVE_SECONDS:
                    self._stopping.wait(min(left, LOOK_SECONDS))
            size = sum(message.size_bytes for message in batch)
            while self._next and len(batch) < self._batching.most_records:
                size += self._next[0].size_bytes
                if batch and size > MOST_PAYLOAD_BYTES:
                    return batch
                batch.append(self._next.pop(0))
            deadline = deadline or self._now() + self._batching.window_seconds
        if self._stopping.is_set():
            self._source.release(batch + self._next)
            return []
        return batch

    def _work(self, batch: Sequence[Message]) -> None:
        try:
            done = self._taken(batch)
            if done:
                self._source.delete(done)
        except Exception:  # what is not deleted comes back
            _LOGGER.exception("messages that were taken are not deleted")
        finally:
            self._free.release()

    def _taken(self, batch: Sequence[Message]) -> Sequence[Message]:
        until = min(message.visible_again for message in batch)
        pauses = 0
        while (failed := self._invoke(batch)) and failed.is_throttled:
            pauses += 1
            pause(self._stopping, pauses)
            if self._stopping.is_set() or self._now() >= until:
                return []
        if failed is None:
            return batch
        is_partial = failed.numbers and failed.numbers <= {message.id for message in batch}
        return [message for message in batch if is_partial and message.id not in failed.numbers]
