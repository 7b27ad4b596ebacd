"""Where a run was measured."""

import os
import platform
from importlib import metadata
from typing import Any

from benchmarks.running import CLOCK


def machine() -> dict[str, Any]:
    """Return time, system, cores, versions, and the load before the run began."""
    return {
        "measured": f"{CLOCK.now():%Y-%m-%d %H:%M} UTC",
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "Python": platform.python_version(),
        "boto3": metadata.version("boto3"),
        "load": f"{os.getloadavg()[0]:.1f}",
    }
