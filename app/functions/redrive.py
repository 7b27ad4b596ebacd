"""Redriving: what a letter tells of goes to its function once more, and the letter goes once it was taken."""

from typing import Any

import orjson

from app import wiring
from app.errors import StandError
from app.functions.dead_letters import DeadLetterQueue, DeadLetters, Letter, LostPositionError
from app.functions.positions import records_at


class FailedAgainError(StandError):
    """Some letters stay."""

    def __init__(self, failed: int, letters: int) -> None:
        """Keep how many, of how many."""
        super().__init__(failed, letters)
        self.failed = failed
        self.letters = letters

    def __str__(self) -> str:
        """Say what stays."""
        return f"{self.failed} of {self.letters} letters failed again and stay in the queue"


class Redrive:
    """Invokes functions with what they gave up.

    **Delivery**: at least once: a letter is deleted after its function has taken all of it. **Order**: the
    queue's. **On failure**: the letter stays, and others may see it again.
    """

    def __init__(self, letters: DeadLetters) -> None:
        """Take where letters are."""
        self._letters = letters
        self._lambda = wiring.cloud("lambda")

    def redrive(self, queue: DeadLetterQueue, letter: Letter) -> str:
        """Return why a letter failed again; nothing where it was taken and is gone."""
        try:
            reason = self._invoke(letter)
        except LostPositionError as error:
            reason = str(error)
        except self._lambda.exceptions.TooManyRequestsException:
            reason = "throttled"
        if reason:
            self._letters.release(queue, letter)
        else:
            self._letters.delete(queue, letter)
        return reason

    def _invoke(self, letter: Letter) -> str:
        payload = letter.payload
        if letter.batch is not None:
            payload = orjson.dumps({"Records": records_at(letter.batch, letter.position)})
        answer = self._lambda.invoke(FunctionName=letter.function, Payload=payload or b"null")
        said = _json(answer["Payload"].read())
        if "FunctionError" in answer:
            return str(said.get("errorMessage", "the function failed") if isinstance(said, dict) else said)
        failed = (
            said.get("batchItemFailures") if letter.batch is not None and isinstance(said, dict) else None
        )
        return f"{len(failed)} records were reported as failed" if failed else ""


def _json(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return data.decode(errors="replace")
