"""The load: what the stream delivered, from the lake into the warehouse, once.

A load is one BatchExecuteStatement, which is one transaction: it locks the ledger, stages what waits, merges
it and writes the ledger. So a loader may die anywhere, and two at once do no harm.
"""

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import md5, sha256
from itertools import batched

from contracts.lake import MANIFESTS, reference_key
from contracts.manifest import Dataset, RangeManifest
from contracts.streams import FLIGHT_EVENTS_STREAM, WEATHER_STREAM
from runtime.objects import Objects
from runtime.warehouse import Warehouse
from warehouse.models.copying import CopyManifests
from warehouse.models.errors import UnreadableManifestError
from warehouse.models.statements import statements, text_literal, timestamp_literal

MOST_BATCHES = 200
"""Batches of one load."""

_READERS = 8
_DIMENSIONS = ("airlines", "airports", "planes")
_STAGES: tuple[tuple[str, str, Dataset, tuple[str, ...]], ...] = (
    ("flight_events", FLIGHT_EVENTS_STREAM, "events", ("flight_events", "flights")),
    ("observations", WEATHER_STREAM, "events", ("observations", "weather")),
    ("airport_hours", FLIGHT_EVENTS_STREAM, "partials", ("airport_hours",)),
    ("delay_buckets", FLIGHT_EVENTS_STREAM, "delay_buckets", ("delay_buckets",)),
    ("departure_minutes", FLIGHT_EVENTS_STREAM, "departure_minutes", ("departure_minutes",)),
    ("aircraft_sessions", FLIGHT_EVENTS_STREAM, "aircraft_sessions", ("aircraft_sessions",)),
)
"""What is staged: its name, the stream and the dataset that it comes from, the SQL files that load it."""


@dataclass(frozen=True, slots=True)
class Version:
    """A manifest as it lay in the lake.

    Attributes:
        batch_id: Of its range.
        digest: SHA-256 of its bytes, hexadecimal: what the ledger keeps.
        etag: MD5 of them, hexadecimal: what S3 tells of an object that is put at once.
    """

    batch_id: str
    digest: str
    etag: str


@dataclass(frozen=True, slots=True)
class Found:
    """A manifest, and which version of it."""

    manifest: RangeManifest
    version: Version


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What one load brought; what another loader brought in the meantime is counted by both.

    Attributes:
        batches: Batches that waited; 0 when the warehouse has everything.
        records: Records that they cover: always events + duplicates + rejects.
        events: Rows of the archive: events of flights, and observations of weather.
        duplicates: Records that the stream dropped as duplicates.
        rejects: Records that cannot be events.
    """

    batches: int
    records: int
    events: int
    duplicates: int
    rejects: int


class Loader:
    """Loads what the stream's manifests name, and what the source leaves in the lake.

    **Parallelism**: any number of loaders; the ledger's lock lets one at a time merge. **Delivery**: exactly
    once a batch, by its ledger row in the same transaction. **Order**: none needed, the newest event time
    wins. **On failure**: all is rolled back; load again.
    """

    def __init__(self, objects: Objects, warehouse: Warehouse, lake: str) -> None:
        """Take the lake, the warehouse, and the name of the lake's bucket, which COPY has to be told."""
        self._objects = objects
        self._warehouse = warehouse
        self._lake = lake
        self._loaded: dict[str, Version] = {}
        """What this loader has seen in the warehouse or brought there, by the manifests' keys."""

    def load_waiting(self) -> LoadResult:
        """Load what the ledger lacks, at most `MOST_BATCHES`; call again until no batch is left.

        A range that a backfill rewrote takes the place of what was loaded of it.

        Raises:
            UnreadableManifestError: An object among the manifests is none.
            StatementFailedError: The warehouse refused; nothing of this load is there.
        """
        waiting = self.waiting()
        if waiting:
            self._load(list(waiting.values()))
            self._note(waiting)
        return LoadResult(
            batches=len(waiting),
            records=sum(each.manifest.records for each in waiting.values()),
            events=sum(each.manifest.events for each in waiting.values()),
            duplicates=sum(each.manifest.duplicates for each in waiting.values()),
            rejects=sum(each.manifest.rejects for each in waiting.values()),
        )

    def is_news(self, key: str, etag: str) -> bool:
        """Return whether a manifest may not be in the warehouse as it is now; it is looked at again then."""
        known = self._loaded.get(key)
        if known and known.etag == etag:
            return False
        self._loaded.pop(key, None)
        return True

    def recheck(self) -> None:
        """Forget what the ledger has otherwise: a slower loader may have brought an older manifest since."""
        ledger = dict(self._warehouse.query("select batch_id, manifest_digest from etl_ledger").rows)
        self._loaded = {
            key: each for key, each in self._loaded.items() if ledger.get(each.batch_id) == each.digest
        }

    def load_dimensions(self) -> None:
        """Bring airlines, airports and planes up to the lake's reference; a second time changes nothing.

        Raises:
            NothingToLoadError: The lake has no reference.
            StatementFailedError: The warehouse refused; the dimensions stay as they were.
        """
        manifests = CopyManifests(self._objects, self._lake, _DIMENSIONS)
        batch = ["lock dim_airline, dim_airport, dim_plane"]
        for table in _DIMENSIONS:
            copied = manifests.of_keys(table, [reference_key(table)])
            batch += statements(f"load/{table}.sql", manifest=copied)
        self._warehouse.batch(batch)

    def waiting(self) -> dict[str, Found]:
        """Return the first manifests by key that the ledger lacks, at most `MOST_BATCHES`.

        Raises:
            UnreadableManifestError: An object among the manifests is none.
        """
        unknown = (key for key in self._objects.keys(MANIFESTS) if key not in self._loaded)
        with ThreadPoolExecutor(_READERS, "manifests") as readers:
            for keys in batched(unknown, MOST_BATCHES, strict=False):
                found = dict(zip(keys, readers.map(self._read, keys), strict=True))
                ledger = self._in_ledger([each.version.batch_id for each in found.values()])
                waiting = {
                    key: each
                    for key, each in found.items()
                    if each.version.digest != ledger.get(each.version.batch_id)
                }
                self._note({key: each for key, each in found.items() if key not in waiting})
                if waiting:
                    return waiting
        return {}

    def _note(self, loaded: dict[str, Found]) -> None:
        self._loaded |= {key: each.version for key, each in loaded.items()}

    def _read(self, key: str) -> Found:
        try:
            data = self._objects.get(key)
            manifest = RangeManifest.from_json(data)
        except (ValueError, LookupError, TypeError) as error:
            raise UnreadableManifestError(key, repr(error)) from error
        digest, etag = sha256(data).hexdigest(), md5(data, usedforsecurity=False).hexdigest()
        return Found(manifest, Version(manifest.batch_id, digest, etag))

    def _in_ledger(self, batch_ids: Collection[str]) -> dict[str, str]:
        """Return the digest of each manifest that is loaded, by its batch."""
        wanted = ", ".join(map(text_literal, batch_ids))
        sql = f"select batch_id, manifest_digest from etl_ledger where batch_id in ({wanted})"  # noqa: S608  # literals
        return dict(self._warehouse.query(sql).rows)

    def _load(self, found: Sequence[Found]) -> None:
        manifests = [each.manifest for each in found]
        copies = CopyManifests(self._objects, self._lake, sorted(each.version.digest for each in found))
        batch = statements("load/begin.sql", batches=",\n".join(map(_row, found)))
        batch += statements("load/replace.sql")
        for table, stream, dataset, files in _STAGES:
            objects = [
                each
                for manifest in manifests
                if manifest.shard_range.stream.name == stream
                for each in manifest.objects
                if each.dataset == dataset
            ]
            if objects:
                copied = copies.of_objects(table, objects)
                for file in files:
                    batch += statements(f"load/{file}.sql", manifest=copied)
        batch += statements("load/finish.sql")
        batch += _ended(manifests)
        self._warehouse.batch(batch)


def _ended(manifests: Iterable[RangeManifest]) -> list[str]:
    """Return what takes back the watermarks of the shards that ranges go on from: they stand still.

    One statement a stream: a batch holds 40 at most, and a stream may have been split any number of times.
    """
    parents: dict[str, set[str]] = {}
    for each in manifests:
        parents.setdefault(each.shard_range.stream.name, set()).update(each.parents)
    return [
        f"delete from stream_watermark where stream = {text_literal(stream)} "  # noqa: S608  # literals
        f"and shard_id in ({', '.join(map(text_literal, sorted(ended)))})"
        for stream, ended in sorted(parents.items())
        if ended
    ]


def _row(found: Found) -> str:
    manifest = found.manifest
    shard_range = manifest.shard_range
    texts = (manifest.batch_id, shard_range.stream.name, shard_range.shard_id, str(shard_range.last))
    counts = (manifest.records, manifest.events, manifest.duplicates, manifest.rejects)
    behind = (timestamp_literal(manifest.watermark), text_literal(found.version.digest))
    values = (*map(text_literal, texts), *map(str, counts), *behind)
    return f"({', '.join(values)})"
