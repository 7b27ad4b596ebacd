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

    **Delivery**: at least once: a letter is deleted after its function has taken all of it, and what lies
    between a batch's records, of other lanes, is in its event too. **Order**: the queue's. **On failure**:
    the letter stays.
    """

    def __init__(self, letters: DeadLetters) -> None:
        """Take where letters are."""
        self._letters = letters
        self._lambda = wiring.cloud("lambda", _PATIENT)

    def redrive(self, queue: DeadLetterQueue, letter: Letter) -> str:
        """Return why a letter failed again, and stays hidden; nothing where it was taken and is gone."""
        if not letter.function:
            return "nothing says which function it belongs to"
        try:
            reason = self._invoke(letter) if letter.batch is None else self._deliver(letter, letter.batch)
        except (LostPositionError, ClientError, BotoCoreError) as error:
            return str(error)
        if not reason:
            self._letters.delete(queue, letter)
        return reason

    def _deliver(self, letter: Letter, batch: dict[str, Any]) -> str:
        """Invoke with the records at a position, as the function's mapping would."""
        events = records_at(batch, letter.position)
        mapping = self._mapping(letter, batch["streamArn"])
        if len(events) != batch.get("batchSize", len(events)) and mapping.get("FilterCriteria"):
            return (
                f"a filter chose {batch['batchSize']} of its {len(events)} records, and none is applied here"
            )
        role = self._lambda.get_function_configuration(FunctionName=letter.function)["Role"]
        for event in events:
            if "kinesis" in event:
                event["invokeIdentityArn"] = role
        is_reporting = not mapping or "ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", ())
        return self._invoke(letter, orjson.dumps({"Records": events}), is_reporting=is_reporting)

    def _mapping(self, letter: Letter, stream_arn: str) -> dict[str, Any]:
        """Return the mapping that gave the letter up; nothing where it was deleted."""
        asked = {"FunctionName": letter.function, "EventSourceArn": stream_arn}
        found = self._lambda.list_event_source_mappings(**asked)["EventSourceMappings"]
        return dict(found[0]) if found else {}

    def _invoke(self, letter: Letter, payload: bytes | None = None, *, is_reporting: bool = False) -> str:
        answer = self._lambda.invoke(
            FunctionName=letter.function, Payload=payload or letter.payload or b"null"
        )
        said = _json(answer["Payload"].read())
        if "FunctionError" in answer:
            return str(said.get("errorMessage", "the function failed") if isinstance(said, dict) else said)
        return still_failing(said) if is_reporting else ""


def still_failing(answer: Any) -> str:
    """Return what a function's answer reports as failed; nothing where it took all.

    https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html: what cannot be
    read is a failure of the whole batch.

    >>> still_failing({"batchItemFailures": [{"itemIdentifier": "5"}]})
    '1 records were reported as failed'
    >>> still_failing({"batchItemFailures": 5})
    'its batchItemFailures cannot be read'
    """
    failed = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    if failed is not None and not isinstance(failed, list):
        return "its batchItemFailures cannot be read"
    return f"{len(failed)} records were reported as failed" if failed else ""


def _json(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return data.decode(errors="replace")
