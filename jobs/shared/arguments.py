"""What every job takes: the lake as a URI, and dates."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a job was asked for.

    Attributes:
        lake: URI of the lake's root, such as `s3://millrace-lake`, without a slash at its end.
        first: First New York date.
        last: Last New York date, included.
        is_explained: Whether to print the plan of the result and write nothing.
    """

    lake: str
    first: date
    last: date
    is_explained: bool = False

    @property
    def days(self) -> str:
        """The dates as people read them."""
        return f"{self.first} to {self.last}"

    def uri(self, key: str) -> str:
        """Return the URI of a key of the lake."""
        return f"{self.lake}/{key}"


def parse(argv: Sequence[str], name: str, description: str) -> Arguments:
    """Read a job's arguments; a wrong one ends the program with 2 and says why.

    >>> parse(["--lake", "s3://lake/", "--from", "2013-02-08", "--to", "2013-02-09"], "j", "").uri("events/")
    's3://lake/events/'
    """
    parser = argparse.ArgumentParser(prog=name, description=description)
    parser.add_argument("--lake", required=True, metavar="URI", help="root of the lake, such as s3://lake")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="DATE")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="DATE")
    parser.add_argument("--explain", action="store_true", help="print the plan, and write nothing")
    options = parser.parse_args(argv)
    if options.last < options.first:
        parser.error(f"--to {options.last} is before --from {options.first}")
    return Arguments(options.lake.rstrip("/"), options.first, options.last, options.explain)
