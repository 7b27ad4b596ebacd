"""The stream, killed by its own hand just after a step: `python -m tests.e2e.killed_stream STEP COUNT`."""

import os
import signal
import sys

from app import wiring
from contracts.positions import ShardRange
from pipelines.driver.driver import Step
from runtime.settings import Settings


def main(step: Step, count: int) -> None:
    """Stream until `step` is done for the `count`-th time, then die as nothing can prevent."""
    left = count

    def observe(done: Step, _range: ShardRange) -> None:
        nonlocal left
        left -= done == step
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    drivers = wiring.drivers(Settings.from_env(), observe)
    while True:
        for driver in drivers:
            driver.step()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))  # type: ignore[arg-type]  # the test names a step
