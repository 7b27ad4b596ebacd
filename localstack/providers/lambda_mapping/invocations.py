"""Invocations of a function by one shard: a window's state goes from one to the next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Event, Lock
from typing import Any

from localstack.providers.lambda_mapping.delivery import Failed, Record, Taken, pause
from localstack.providers.lambda_mapping.window import State, Windows

type Call = Callable[[Sequence[Record], Mapping[str, Any]], tuple[Any, Failed | None]]
"""Invokes with records and with more fields of the event; returns the answer, and the failure."""


class Invocations:
    """Invokes the function, in the window that is open.

    **On failure**: an answer without a state is a failure, as on AWS. A final invocation is tried until it
    succeeds; until then nothing of the shard goes on, so that no state is lost.
    """

    def __init__(self, call: Call, windows: Windows, stopping: Event) -> None:
        """Take the function, the shard's windows, and what ends the trying."""
        self._call = call
        self._windows = windows
        self._stopping = stopping
        self._closing = Lock()

    def invoke(self, batch: Sequence[Record]) -> Taken | Failed:
        """Deliver a batch, once; a state that grew too large is closed before it."""
        if self._windows.is_full and not self.close():
            return Failed({}, is_throttled=True)  # stopped: nobody was invoked
        self._windows.enter(batch[0].arrived)  # again, where it was closed early
        payload, failed = self._call(batch, self._windows.event())
        if self._windows.opened is None:
            return failed or Taken()
        state = _state(payload)
        if failed is None:
            return Failed({}) if state is None else Taken(state)
        # What was taken before the lowest reported number is in the state; without one nothing was taken.
        return replace(failed, numbers=failed.numbers if state is not None else frozenset(), state=state)

    def close(self) -> bool:
        """Invoke for the last time in the open window; return whether it is closed."""
        with self._closing:
            pauses = 0
            while self._windows.opened and not self._stopping.is_set():
                payload, failed = self._call([], self._windows.event(is_final=True))
                if failed is None and _state(payload) is not None:
                    self._windows.close()
                else:
                    pauses += 1
                    pause(self._stopping, pauses)
        return self._windows.opened is None


def _state(payload: Any) -> State | None:
    state = payload.get("state") if isinstance(payload, dict) else None
    return state if isinstance(state, dict) else None
