"""A piece of work in a process of its own: `python -m benchmarks.stream.child MODULE.FUNCTION FILE EVENTS`.

The function takes the events that it asks for, as `Work`, gets ready, and returns what is to be measured.
Whoever started the process measures it from outside, between `ready`, `go`, `done` and the end of its input:
CPU and memory are so the same for all, those of other languages included.
"""

import gc
import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Prepare = Callable[[Path, int], Callable[[], dict[str, Any] | None]]
"""From the file of events and how many are asked for to the work, which returns facts worth keeping."""


def answer(prepare: Prepare, file: Path, events: int) -> None:
    """Get ready, work when told to, say what was found, and stay until that is noted."""
    work = prepare(file, events)
    gc.collect()
    gc.freeze()  # what is held is nothing that the work would look through
    print("ready", flush=True)  # noqa: T201  # the other end reads lines
    sys.stdin.readline()
    facts = work() or {}
    print(f"done {json.dumps(facts)}", flush=True)  # noqa: T201  # as above
    sys.stdin.readline()


def main() -> None:
    """Find the function, and do its work."""
    where, file, events = sys.argv[1:]
    module, _, function = where.partition(".")
    prepare = getattr(importlib.import_module(f"benchmarks.stream.{module}"), function)
    answer(prepare, Path(file), int(events))


if __name__ == "__main__":
    main()
