"""Limits and faults, switched on by tags of the stream: at run time, by AWS's own API, kept with the stream.

| tag | value |
|---|---|
| `millrace:limits` | `on`: a shard's throughput is limited as on AWS |
| `millrace:error-rate` | 0 to 1: share of records and calls that fail |
| `millrace:latency-ms` | milliseconds that each put and get waits |
| `millrace:dead-shard` | a ShardId that answers nothing |
| `millrace:dead-until` | seconds since 1970 when it comes back; without it, when the tag is removed |
| `millrace:seed` | an integer: the same faults again |
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from localstack.providers.kinesis.errors import KinesisError, internal, invalid

PREFIX = "millrace:"
_MOST_LATENCY_MILLIS = 60_000


@dataclass(frozen=True, slots=True)
class Switches:
    """How a stream misbehaves.

    Raises:
        KinesisError: InvalidArgumentException, a tag's value is not what its name asks for.
    """

    has_limits: bool = False
    error_rate: float = 0.0
    latency_seconds: float = 0.0
    dead_shard: str | None = None
    dead_until: float = float("inf")
    random: Random = field(default_factory=Random)

    @classmethod
    def from_tags(cls, tags: Mapping[str, str]) -> "Switches":
        """Read the tags that begin with `millrace:`."""
        mine = switches_of(tags)
        if unknown := mine.keys() - _KNOWN:
            message = f"no switch `{PREFIX}{min(unknown)}`; there are {', '.join(sorted(_KNOWN))}"
            raise invalid(message)
        limits = mine.get("limits", "off")
        if limits not in ("on", "off"):
            message = f"`{PREFIX}limits` must be on or off; got `{limits}`"
            raise invalid(message)
        return cls(
            has_limits=limits == "on",
            error_rate=_number(mine, "error-rate", 0, 1),
            latency_seconds=_number(mine, "latency-ms", 0, _MOST_LATENCY_MILLIS) / 1000,
            dead_shard=_shard(mine.get("dead-shard")),
            dead_until=_number(mine, "dead-until", 0, 1e12, default=float("inf")),
            random=Random(_seed(mine.get("seed"))),  # noqa: S311  # faults, no secrets
        )

    @property
    def may_fail(self) -> bool:
        """Whether a put can be refused by a switch."""
        return self.has_limits or self.error_rate > 0 or self.dead_shard is not None

    def fault(self, shard_id: str, now: float) -> KinesisError | None:
        """Return the fault that hits one record or one call on a shard, if any."""
        if shard_id == self.dead_shard and now < self.dead_until:
            return internal()
        if self.error_rate and self.random.random() < self.error_rate:
            return internal() if self.random.random() < 0.5 else throttled("by an injected fault", shard_id)  # noqa: PLR2004
        return None


def switches_of(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags that are switches, without their prefix."""
    return {key.removeprefix(PREFIX): value for key, value in tags.items() if key.startswith(PREFIX)}


def _shard(text: str | None) -> str | None:
    if text is not None and not re.fullmatch(r"shardId-\d{12}", text):
        message = f"`{PREFIX}dead-shard` must be a ShardId; got `{text}`"
        raise invalid(message)
    return text


def _seed(text: str | None) -> int | None:
    if text is not None and not re.fullmatch(r"\d{1,18}", text):
        message = f"`{PREFIX}seed` must be an integer of at most 18 digits; got `{text}`"
        raise invalid(message)
    return None if text is None else int(text)


_KNOWN = {"limits", "error-rate", "latency-ms", "dead-shard", "dead-until", "seed"}


def throttled(why: str, shard_id: str) -> KinesisError:
    """Return the error of a shard whose throughput is used up."""
    return KinesisError(
        "ProvisionedThroughputExceededException", f"Rate exceeded for shard {shard_id} {why}."
    )


def _number(tags: Mapping[str, str], name: str, least: float, most: float, default: float = 0.0) -> float:
    text = tags.get(name)
    if text is None:
        return default
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        message = f"`{PREFIX}{name}` must be a number from {least} to {most}; got `{text}`"
        raise invalid(message)
    return number
