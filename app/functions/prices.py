"""What invocations would have cost on AWS, from the dated table beside this module."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import yaml


@dataclass(frozen=True, slots=True)
class Prices:
    """Lambda's prices, in US dollars.

    Attributes:
        source: Where they stand.
        date: When they were read.
        region: Of AWS.
        per_million_requests: For each million of invocations.
        per_gb_second: By architecture, for each GB that a function has, each second that it runs.
    """

    source: str
    date: date
    region: str
    per_million_requests: float
    per_gb_second: dict[str, float]

    def cost(self, requests: int, gb_seconds: float, architecture: str) -> float:
        """Return what invocations cost, the free tier not taken off.

        >>> round(prices().cost(1_000_000, 400_000, "x86_64"), 2)
        6.87
        """
        return requests / 1e6 * self.per_million_requests + gb_seconds * self.per_gb_second[architecture]


@cache
def prices() -> Prices:
    """Return the table."""
    text = files("app.functions").joinpath("prices.yml").read_text(encoding="utf-8")
    return Prices(**yaml.safe_load(text))
