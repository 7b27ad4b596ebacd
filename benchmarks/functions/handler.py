"""The function that every peer runs, deployed as `app.py`: it takes its time, and writes down what it got.

Standard library alone: it runs in whatever interpreter a peer gives it. What it got goes to a file, one write
a batch, so that no service of the peer's is part of the figure:

    @ <when, seconds since 1970> <environment> <records>
    <partition key> <data, as the event has it>

The event is `{"sleep": seconds}` where it is invoked by hand; a mapping's batch takes PAUSE seconds. Each
invocation logs a line, as functions do: after one that is silent ministack waits 50 ms for its log.
"""

import os
import time
import uuid
from typing import Any

ENVIRONMENT = uuid.uuid4().hex


def handler(event: dict[str, Any], _context: object) -> str:
    """Return which environment it ran in."""
    records = event.get("Records")
    if records is None:
        time.sleep(event.get("sleep", 0))
        print("invoked")  # noqa: T201  # a function's log
        return ENVIRONMENT
    time.sleep(float(os.environ["PAUSE"]))
    lines = [f"@ {time.time()!r} {ENVIRONMENT} {len(records)}"]
    lines += [f"{each['kinesis']['partitionKey']} {each['kinesis']['data']}" for each in records]
    file = os.open(os.environ["ARRIVALS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, "".join(line + "\n" for line in lines).encode())
    finally:
        os.close(file)
    print(len(records), "records")  # noqa: T201  # a function's log
    return ENVIRONMENT
