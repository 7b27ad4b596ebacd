"""Redriving: what a letter tells of goes to its function once more, and the letter goes once it was taken."""

from typing import Any

import orjson
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app import wiring
from app.errors import StandError
from app.functions.dead_letters import DeadLetterQueue, DeadLetters, Letter, LostPositionError
from app.functions.positions import records_at

MOST_SECONDS = 960
"""A function may take 15 minutes; so long a letter must be hidden from others."""

_PATIENT = Config(read_timeout=MOST_SECONDS, retries={"total_max_attempts": 1})


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
    queue's. **On failure**: the letter stays.
    """

    def __init__(self, letters: DeadLetters) -> None:
        """Take where letters are."""
        self._letters = letters
        self._lambda = wiring.cloud("lambda", _PATIENT)

    def redrive(self, queue: DeadLetterQueue, letter: Letter) -> str:
        """Return why a letter failed again, and stays hidden; nothing where it was taken and is gone."""
        try:
            reason = self._invoke(letter)
        except (LostPositionError, ClientError, BotoCoreError) as error:
            return str(error)
        if not reason:
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
