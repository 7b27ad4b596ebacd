"""How far each mapping is: in memory for the pollers that come one after the other, and on disk."""

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock

from localstack.providers.lambda_mapping.progress import Position
from localstack.providers.lambda_mapping.window import Window

_LOGGER = logging.getLogger(__name__)


@dataclass(slots=True)
class Kept:
    """How far a mapping is; it outlives a pause.

    Attributes:
        made: When the mapping was, in seconds since 1970.
        stream: Which of the streams that had this name, by its creation.
        shards: How far each shard is.
        drained: Shards that were closed, and of which everything is done.
    """

    made: float
    stream: str = ""
    shards: dict[str, Position] = field(default_factory=dict)
    drained: set[str] = field(default_factory=set)

    def belong_to(self, stream: str) -> bool:
        """Forget all that was of another stream of that name; return whether there was another one."""
        before, self.stream = self.stream, stream
        if before in ("", stream):
            return False
        self.shards.clear()
        self.drained.clear()
        return True

    def to_json(self) -> str:
        """Return it as text, of one moment: a poller that ends may write while the next one begins."""
        shards, drained = self.shards.copy(), self.drained.copy()
        return json.dumps(
            {
                "made": self.made,
                "stream": self.stream,
                "shards": {shard_id: asdict(position) for shard_id, position in shards.items()},
                "drained": sorted(drained),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "Kept":
        """Return what `to_json` wrote.

        Raises:
            ValueError: It did not.
        """
        try:
            read = json.loads(text)
            shards = {
                shard_id: Position(
                    each["checkpoint"],
                    tuple(each["done"]),
                    Window(**each["window"]) if each["window"] else None,
                )
                for shard_id, each in read["shards"].items()
            }
            return cls(read["made"], read["stream"], shards, set(read["drained"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(str(error)) from error


class Positions:
    """One file a mapping, named by its UUID and replaced whole."""

    def __init__(self, folder: Path, now: Callable[[], float]) -> None:
        """Make nothing yet."""
        self._folder = folder
        self._now = now
        self._kept: dict[str, Kept] = {}
        self._written: dict[str, str] = {}
        self._lock = Lock()

    def of(self, uuid: str) -> Kept:
        """Return a mapping's: the one in memory, the one on disk, or a new one."""
        with self._lock:
            if uuid not in self._kept:
                self._kept[uuid] = self._load(uuid) or Kept(self._now())
            return self._kept[uuid]

    def save(self, uuid: str, kept: Kept) -> None:
        """Write it, if it has changed; one that was forgotten is not written again."""
        text = kept.to_json()
        with self._lock:
            if self._kept.get(uuid) is not kept or self._written.get(uuid) == text:
                return
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = self._path(uuid).with_suffix(".draft")
            draft.write_text(text)
            draft.replace(self._path(uuid))
            self._written[uuid] = text

    def forget(self, uuid: str) -> None:
        """Drop a mapping that was deleted."""
        with self._lock:
            self._kept.pop(uuid, None)
            self._written.pop(uuid, None)
            self._path(uuid).unlink(missing_ok=True)

    def _load(self, uuid: str) -> Kept | None:
        try:
            return Kept.from_json(self._path(uuid).read_text())
        except FileNotFoundError:
            return None
        except ValueError as error:
            _LOGGER.warning("%s is not read, its mapping begins anew: %s", self._path(uuid), error)
            return None

    def _path(self, uuid: str) -> Path:
        return self._folder / f"{uuid}.json"
