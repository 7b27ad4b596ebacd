"""The load: what the stream delivered, from the lake into the warehouse, once.

A load is one BatchExecuteStatement, which is one transaction: it locks the ledger, stages what waits, merges
it and writes the ledger. So a loader may die anywhere, and two at once do no harm.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.lake import MANIFESTS, copy_manifest_key, daily_on_time_prefix, reference_key
from contracts.manifest import LakeObject, RangeManifest
from contracts.schema import FLIGHT_EVENTS_STREAM, WEATHER_STREAM
from runtime.objects import Objects
from runtime.warehouse import Warehouse
from warehouse.models.statements import statements

MOST_BATCHES = 200
"""Batches of one load."""

MOST_STATEMENTS = 40
"""Statements of one BatchExecuteStatement (AWS: Redshift Data API quotas)."""

REFERENCE = ("airlines", "airports", "planes")


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What one load brought.

    Attributes:
        batches: Batches that waited.
        records: Records that they cover.
    """

    batches: int
    records: int


class Loader:
    """Loads what the stream's manifests name.

    **Parallelism**: any number of loaders; the ledger's lock lets one at a time merge. **Delivery**: exactly
    once a batch, by its ledger row in the same transaction. **Order**: none needed, the newest event time
    wins. **On failure**: all is rolled back; load again.
    """

    def __init__(self, objects: Objects, warehouse: Warehouse, lake: str) -> None:
        """Take the lake, the warehouse, and the name of the lake's bucket, which COPY has to be told."""
        self._objects = objects
        self._warehouse = warehouse
        self._lake = lake
        self._loaded: set[str] = set()
        self._ledger: set[str] | None = None

    def load_waiting(self) -> LoadResult:
        """Load what the ledger lacks, at most `MOST_BATCHES`; call again until no batch is left.

        Raises:
            StatementFailedError: The warehouse refused; nothing of this load is there.
        """
        if self._ledger is None:
            rows = self._warehouse.query("select batch_id from etl_ledger").rows
            self._ledger = {batch_id for (batch_id,) in rows}
        waiting: dict[str, RangeManifest] = {}
        for key in self._objects.keys(MANIFESTS):
            if key in self._loaded:
                continue
            manifest = RangeManifest.from_json(self._objects.get(key))
            if manifest.batch_id in self._ledger:
                self._loaded.add(key)
                continue
            waiting[key] = manifest
            if len(waiting) == MOST_BATCHES:
                break
        if waiting:
            self._load(list(waiting.values()))
            self._loaded |= waiting.keys()
        return LoadResult(len(waiting), sum(manifest.records for manifest in waiting.values()))

    def load_reference(self) -> None:
        """Replace the rows of the dimensions by those in the lake.

        Raises:
            StatementFailedError: The warehouse refused; the dimensions stay as they were.
        """
        batch: list[str] = []
        for table in REFERENCE:
            key = reference_key(table)
            manifest = self._copy_manifest("reference", table, [(key, len(self._objects.get(key)))])
            batch += statements(f"load/{table}.sql", manifest=manifest)
        self._warehouse.batch(batch)

    def load_daily_on_time(self, days: Sequence[date]) -> None:
        """Replace the days that the Spark job daily_on_time wrote.

        Raises:
            StatementFailedError: The warehouse refused; the days stay as they were.
        """
        keys = [
            key
            for day in days
            for key in self._objects.keys(daily_on_time_prefix(day.isoformat()))
            if key.endswith(".parquet")
        ]
        load_id = _load_id(day.isoformat() for day in days)
        files = [(key, len(self._objects.get(key))) for key in keys]
        manifest = self._copy_manifest(load_id, "agg_carrier_day", files)
        dates = ", ".join(f"'{day.isoformat()}'" for day in days)
        self._warehouse.batch(statements("load/carrier_days.sql", manifest=manifest, dates=dates))

    def _load(self, manifests: Sequence[RangeManifest]) -> None:
        load_id = _load_id(sorted(manifest.batch_id for manifest in manifests))
        batch = statements("load/begin.sql")
        batch.append("insert into stage_batch values\n" + ",\n".join(map(_values, manifests)))
        batch += statements("load/batches.sql")
        for table, stream, dataset in (
            ("flights", FLIGHT_EVENTS_STREAM, "events"),
            ("weather", WEATHER_STREAM, "events"),
            ("airport_hours", FLIGHT_EVENTS_STREAM, "partials"),
        ):
            found = [
                each
                for manifest in manifests
                if manifest.shard_range.stream.name == stream
                for each in manifest.objects
                if each.dataset == dataset
            ]
            if found:
                copied = self._copy_manifest(load_id, table, _files(found))
                batch += statements(f"load/{table}.sql", manifest=copied)
        batch += statements("load/finish.sql")
        if len(batch) > MOST_STATEMENTS:
            msg = f"a load must keep within {MOST_STATEMENTS} statements; got `{len(batch)}`"
            raise ValueError(msg)
        self._warehouse.batch(batch)

    def _copy_manifest(self, load_id: str, table: str, files: Iterable[tuple[str, int]]) -> str:
        """Write the manifest of one COPY and return its URL; Parquet needs each file's length."""
        entries = [
            {"url": f"s3://{self._lake}/{key}", "mandatory": True, "meta": {"content_length": size_bytes}}
            for key, size_bytes in files
        ]
        key = copy_manifest_key(load_id, table)
        self._objects.put(key, json.dumps({"entries": entries}).encode())
        return f"s3://{self._lake}/{key}"


def _files(objects: Iterable[LakeObject]) -> list[tuple[str, int]]:
    return [(each.key, each.size_bytes) for each in objects]


def _load_id(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _values(manifest: RangeManifest) -> str:
    shard_range = manifest.shard_range
    watermark = f"'{manifest.watermark:%Y-%m-%d %H:%M:%S}'" if manifest.watermark else "null"
    texts = (manifest.batch_id, shard_range.stream.name, shard_range.shard_id, str(shard_range.last))
    counts = (manifest.records, manifest.events, manifest.duplicates, manifest.rejects)
    return f"({', '.join(map(_literal, texts))}, {', '.join(map(str, counts))}, {watermark})"


def _literal(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
