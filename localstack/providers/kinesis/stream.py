"""A stream: its settings, its shards and their lineage, its consumers."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localstack.providers.kinesis.disk import Disk
from localstack.providers.kinesis.errors import invalid, not_found
from localstack.providers.kinesis.log import Log
from localstack.providers.kinesis.shard import Shard, even_ranges, shard_id
from localstack.providers.kinesis.switches import Switches, switches_of

HOUR_MILLIS = 3_600_000
MOST_TAGS = 50


@dataclass(slots=True)
class Consumer:
    """A registered consumer with enhanced fan-out."""

    name: str
    created: int
    tags: dict[str, str] = field(default_factory=dict)
    policy: str | None = None


@dataclass(slots=True)
class Settings:
    """What an API call can change of a stream; kept as JSON."""

    mode: str = "PROVISIONED"
    distribution: str = "USER_PARTITION_KEY"
    retention_hours: int = 24
    trimmed_before_millis: int = 0
    key_id: str | None = None
    metrics: list[str] = field(default_factory=list)
    record_kib: int = 1024
    tags: dict[str, str] = field(default_factory=dict)
    policy: str | None = None


class Stream:
    """One stream of one account and region; whoever changes it holds the world's lock."""

    def __init__(self, identity: "Identity", folder: Path, disk: Disk, settings: Settings) -> None:
        """Start without shards."""
        self.identity = identity
        self.folder = folder
        self.settings = settings
        self.switches = Switches.from_tags(settings.tags)
        self.consumers: dict[str, Consumer] = {}
        self.shards: dict[str, Shard] = {}
        self.open_shards: list[Shard] = []
        self._starts: list[int] = []
        self._next_index = 0
        self._disk = disk
        self._turn = 0

    @property
    def arn(self) -> str:
        """The StreamARN."""
        return self.identity.arn

    @property
    def where(self) -> str:
        """What messages call it."""
        return f"in stream {self.identity.name} under account {self.identity.account}"

    @property
    def encryption(self) -> str:
        """The EncryptionType."""
        return "KMS" if self.settings.key_id else "NONE"

    def check_created(self, seconds: float | None) -> None:
        """Refuse a caller who means a stream of another creation time.

        Raises:
            KinesisError: InvalidArgumentException.
        """
        if seconds is not None and int(seconds) != self.identity.created // 1000:
            raise invalid(f"Stream {self.identity.name} was not created at {seconds}.")

    def shard(self, wanted: str) -> Shard:
        """Return the shard of that id.

        Raises:
            KinesisError: ResourceNotFoundException.
        """
        if wanted not in self.shards:
            me = self.identity
            raise not_found(f"Shard {wanted} in stream {me.name} under account {me.account} does not exist")
        return self.shards[wanted]

    def of_hash_key(self, key: int) -> Shard:
        """Return the open shard whose range holds `key`; under AUTO, which ignores keys, the next in turn."""
        if self.settings.distribution == "AUTO":
            self._turn += 1
            return self.open_shards[self._turn % len(self.open_shards)]
        return self.open_shards[bisect_right(self._starts, key) - 1]

    def children(self, parent: int) -> list[dict[str, Any]]:
        """Return ChildShards: what a split or merge made of the shard of that index."""
        return [each.describe_as_child() for each in self.shards.values() if parent in each.parents]

    def create_shards(self, count: int, millis: int) -> None:
        """Cover all hash keys with `count` shards."""
        for low, high in even_ranges(count):
            self._add(low, high, millis)
        self._route()

    def split(self, parent: Shard, key: int, millis: int) -> list[Shard]:
        """Close `parent` and open two shards in its place, the second from `key` on."""
        return self._replace((parent,), ((parent.low, key - 1), (key, parent.high)), millis)

    def merge(self, parent: Shard, adjacent: Shard, millis: int) -> Shard:
        """Close two shards whose ranges touch, and open one in their place."""
        low, high = min(parent.low, adjacent.low), max(parent.high, adjacent.high)
        (child,) = self._replace((parent, adjacent), ((low, high),), millis)
        return child

    def horizon(self, now_millis: int) -> int:
        """Return the time before which records are gone."""
        return max(
            now_millis - self.settings.retention_hours * HOUR_MILLIS, self.settings.trimmed_before_millis
        )

    def first_position(self, shard: Shard, now_millis: int) -> int:
        """Return the position of the first record of a shard that retention has left."""
        return shard.log.since(self.horizon(now_millis))

    def trim(self, now_millis: int) -> None:
        """Forget what retention has passed, closed shards included."""
        horizon = self.horizon(now_millis)
        for shard in self.shards.values():
            shard.log.trim(horizon)
        expired = [
            shard
            for shard in self.shards.values()
            if shard.closed_millis is not None and shard.closed_millis < horizon
        ]
        for shard in expired:
            del self.shards[shard.id]
            shard.log.delete()

    def last_millis(self) -> int:
        """Return the newest time that any shard knows."""
        return max(
            (max(shard.created_millis, shard.log.last_arrival) for shard in self.shards.values()), default=0
        )

    def set_tags(self, tags: dict[str, str]) -> None:
        """Replace the tags, and the switches that they are; other tags leave a fault's sequence as it is.

        Raises:
            KinesisError: InvalidArgumentException, more than 50, or a switch is malformed.
        """
        check_tags(tags)
        if switches_of(tags) != switches_of(self.settings.tags):
            self.switches = Switches.from_tags(tags)
        self.settings.tags = tags

    def to_json(self) -> dict[str, Any]:
        """Return all but the records."""
        return {
            "identity": self.identity,
            "settings": self.settings,
            "consumers": list(self.consumers.values()),
            "next_index": self._next_index,
            "shards": [
                {
                    "index": shard.index,
                    "low": str(shard.low),
                    "high": str(shard.high),
                    "created_millis": shard.created_millis,
                    "closed_millis": shard.closed_millis,
                    "parents": shard.parents,
                }
                for shard in self.shards.values()
            ],
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any], folder: Path, disk: Disk) -> "Stream":
        """Open a stream whose shards' logs lie in `folder`."""
        stream = cls(Identity(**kept["identity"]), folder, disk, Settings(**kept["settings"]))
        stream.consumers = {each["name"]: Consumer(**each) for each in kept["consumers"]}
        for each in kept["shards"]:
            low, high, parents = int(each["low"]), int(each["high"]), tuple(each["parents"])
            stream._next_index = each["index"]
            shard = stream._add(low, high, each["created_millis"], parents)
            shard.closed_millis = each["closed_millis"]
        stream._next_index = kept["next_index"]
        stream._route()
        return stream

    def _replace(
        self, parents: tuple[Shard, ...], ranges: tuple[tuple[int, int], ...], millis: int
    ) -> list[Shard]:
        millis = max(millis, *(parent.created_millis + 1 for parent in parents))
        children = [
            self._add(low, high, millis, tuple(parent.index for parent in parents)) for low, high in ranges
        ]
        for parent in parents:
            parent.closed_millis = millis
        self._route()
        return children

    def _add(self, low: int, high: int, millis: int, parents: tuple[int, ...] = ()) -> Shard:
        index = self._next_index
        log = Log(self.folder / shard_id(index), self._disk)
        shard = Shard(index, low, high, millis, log, parents)
        self.shards[shard.id] = shard
        self._next_index = index + 1
        return shard

    def _route(self) -> None:
        self.open_shards = sorted(self._open(), key=lambda shard: shard.low)
        self._starts = [shard.low for shard in self.open_shards]

    def _open(self) -> Iterator[Shard]:
        return (shard for shard in self.shards.values() if shard.is_open)


def check_tags(tags: dict[str, str]) -> None:
    """Refuse more tags than a resource can have.

    Raises:
        KinesisError: InvalidArgumentException.
    """
    if len(tags) > MOST_TAGS:
        raise invalid(f"a resource can have {MOST_TAGS} tags; this one would have {len(tags)}")


@dataclass(frozen=True, slots=True)
class Identity:
    """Which stream it is.

    Attributes:
        account: Twelve digits.
        region: As in the request's signature.
        name: StreamName.
        created: Milliseconds since 1970.
        id: Drawn at creation: a stream of the same name that comes later is another.
    """

    account: str
    region: str
    name: str
    created: int
    id: str

    @property
    def arn(self) -> str:
        """The StreamARN."""
        return f"arn:aws:kinesis:{self.region}:{self.account}:stream/{self.name}"
