"""The stream, with faults at its border: `python -m tests.support.faulty_stream HARM`, HARM as JSON.

Every request to the cloud passes one door, botocore's HTTP session; faults are made there and at the clock,
so the stream itself is the one that users run.
"""

import io
import logging
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from random import Random
from threading import Lock
from typing import Any, Literal
from urllib.parse import urlsplit

import orjson
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session
from urllib3 import HTTPResponse

from app import wiring
from app.cli import main
from runtime.clock import SystemClock

WRITES = ("PUT ", "DynamoDB.UpdateItem", "DynamoDB.PutItem")
MOST_IN_A_ROW = 3
"""Times that one request fails: who gives up on it is told so by another test."""


@dataclass(frozen=True, slots=True)
class Harm:
    """What is done to the stream.

    Attributes:
        seed: The same seed and the same requests give the same faults.
        kinesis_errors: Share of requests to Kinesis that fail or are throttled, half of them each.
        expired: Share of GetRecords that are told that their iterator has expired.
        s3_seconds: Up to so long each request to S3 waits.
        s3_errors: Share of requests to S3 that are told to slow down.
        lost_answers: Share of writes that are done and whose answer is lost.
        clock_hours: Up to so far the wall clock is off, anew at every look.
        operation: At which the process is killed, as `operation_of` names it; empty for none.
        occurrence: At its so many-th time.
        moment: Whether it is killed before the request is sent, or when its answer has come.
    """

    seed: int = 0
    kinesis_errors: float = 0
    expired: float = 0
    s3_seconds: float = 0
    s3_errors: float = 0
    lost_answers: float = 0
    clock_hours: float = 0
    operation: str = ""
    occurrence: int = 1
    moment: Literal["before", "after"] = "before"

    def command(self, *options: str) -> list[str]:
        """Return the command that runs the stream with it, until it is drained."""
        return [
            sys.executable,
            "-m",
            "tests.support.faulty_stream",
            orjson.dumps(asdict(self)).decode(),
            *options,
        ]


class Border:
    """The door, and who stands in it."""

    def __init__(self, harm: Harm, send: Callable[..., Any]) -> None:
        """Take what is to be done, and what does the request."""
        self._harm = harm
        self._send = send
        self._random = Random(harm.seed)  # noqa: S311  # repeatable on purpose
        self._seen: Counter[str] = Counter()
        self._failed: Counter[tuple[str, bytes]] = Counter()
        self._lock = Lock()
        self.done: Counter[str] = Counter()
        """Faults, by their names."""

    def send(self, session: Any, request: Any) -> Any:
        """Do a request, or what the harm says instead."""
        harm, operation = self._harm, operation_of(request)
        with self._lock:
            self._seen[operation] += 1
            is_end = operation == harm.operation and self._seen[operation] == harm.occurrence
            chance, other, wait = self._random.random(), self._random.random(), self._random.random()
            may_fail = self._failed[_identity(request)] < MOST_IN_A_ROW
        if not may_fail:
            chance = other = 1
        if is_end and harm.moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        if operation.startswith("Kinesis.") and chance < harm.kinesis_errors:
            if other < 1 / 2:
                return self._answer(request, 400, "ProvisionedThroughputExceededException")
            return self._answer(request, 500, "InternalFailure")
        if operation == "Kinesis.GetRecords" and other < harm.expired:
            return self._answer(request, 400, "ExpiredIteratorException")
        if " " in operation:
            time.sleep(wait * harm.s3_seconds)
            if chance < harm.s3_errors:
                return self._answer(request, 503, "SlowDown")
        answer = self._send(session, request)
        if is_end:
            os.kill(os.getpid(), signal.SIGKILL)
        if operation.startswith(WRITES) and other < harm.lost_answers:
            self._count("lost answer", request)
            raise ConnectionClosedError(endpoint_url=request.url)
        return answer

    def _count(self, fault: str, request: Any) -> None:
        with self._lock:
            self.done[fault] += 1
            self._failed[_identity(request)] += 1

    def _answer(self, request: Any, status: int, code: str) -> AWSResponse:
        self._count(code, request)
        body, headers = orjson.dumps({"__type": code}), {"Content-Type": "application/x-amz-json-1.1"}
        if status == 503:
            body = f"<Error><Code>{code}</Code><Message>slower</Message></Error>".encode()
            headers = {"Content-Type": "application/xml"}
        raw = HTTPResponse(io.BytesIO(body), headers, status, preload_content=False)
        return AWSResponse(request.url, status, HTTPHeaders.from_dict(headers), raw)


def operation_of(request: Any) -> str:
    """Name what is asked: `Kinesis.GetRecords`, and of S3 the method and the kind of object: `PUT plans`."""
    target = request.headers.get("X-Amz-Target")
    if target:
        service, name = (target.decode() if isinstance(target, bytes) else target).split(".")
        return f"{service.partition('_')[0]}.{name}"
    parts = urlsplit(request.url).path.strip("/").split("/")
    return f"{request.method} {parts[1] if len(parts) > 1 else 'bucket'}"


def _identity(request: Any) -> tuple[str, bytes]:
    """Return what is the same in all attempts of one request; to S3 no two go to the same place."""
    body = request.body
    return request.url, body if isinstance(body, bytes) else b""


class JumpingClock(SystemClock):
    """A wall clock that is off, now by this and now by that; the other clock goes on as it does."""

    def __init__(self, random: Random, hours: float) -> None:
        """Take how far it may be off."""
        self._random = random
        self._hours = hours

    def now(self) -> datetime:
        """Return some time."""
        return super().now() + timedelta(hours=self._random.uniform(-self._hours, self._hours))


def run(harm: Harm, options: list[str]) -> None:
    """Run the stream with these options; what was done to it is written to stderr at its end."""
    border = Border(harm, URLLib3Session.send)
    URLLib3Session.send = lambda *each: border.send(*each)  # type: ignore[method-assign]  # noqa: PLW0108  # a method
    if harm.clock_hours:
        wiring.CLOCK = JumpingClock(Random(harm.seed), harm.clock_hours)  # noqa: S311  # as above
    logging.disable(logging.WARNING)
    sys.argv = ["millrace", "stream", "--until-drained", *options]
    try:
        main()
    finally:
        sys.stderr.write(f"\n{orjson.dumps(border.done).decode()}\n")


if __name__ == "__main__":
    run(Harm(**orjson.loads(sys.argv[1])), sys.argv[2:])
