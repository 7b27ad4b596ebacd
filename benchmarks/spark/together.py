"""All jobs of jobs/, which are on the path, in one Spark application; a line of JSON tells their seconds."""

import json
import sys
from collections.abc import Sequence
from importlib import import_module
from time import perf_counter

from jobs.shared.arguments import parse
from jobs.shared.session import session

JOBS = ("daily_on_time", "weather_impact", "delay_propagation", "reconcile_windows", "compact_events")


def main(argv: Sequence[str]) -> None:
    """Run them one after the other."""
    began = perf_counter()
    spark = session("together")
    seconds = {}
    for name in JOBS:
        before = perf_counter()
        import_module(name).job(spark, parse(argv, name, ""))
        seconds[name] = perf_counter() - before
    spark.stop()
    seconds["all"] = perf_counter() - began
    print(json.dumps(seconds))  # noqa: T201  # the answer of this program


if __name__ == "__main__":
    main(sys.argv[1:])
