"""Where snapshots are: objects in a bucket of S3.

A snapshot is `<cluster>/<identifier>/part-00000` and so on, and `manifest.json`, which is written last and
deleted first: a snapshot is whole or it is not there.
"""

import hashlib
from base64 import b64encode
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from warehouse.redshift.snapshots.errors import DamagedError, SnapshotError
from warehouse.redshift.snapshots.snapshot import Part, Snapshot

PART_BYTES = 32 * 2**20
MANIFEST = "manifest.json"

_UNREADABLE = Snapshot("", "", "", "manual", datetime.fromtimestamp(0, UTC), status="failed")
_OURS = "BucketAlreadyOwnedByYou"
_FIRST_REGION = "us-east-1"


class SnapshotStore:
    """The snapshots of one cluster.

    **Delivery**: `put` is all or nothing to whoever lists. **On failure**: `SnapshotError`.
    """

    def __init__(self, s3: Any, bucket: str, cluster: str, *, part_bytes: int = PART_BYTES) -> None:
        """Take a client, and where to put what; nothing is asked of S3 yet."""
        self._s3 = s3
        self._bucket = bucket
        self._cluster = cluster
        self._part_bytes = part_bytes
        self._manifests: dict[tuple[str, str], Snapshot] = {}

    def put(self, snapshot: Snapshot, file: Path, stopped: Event) -> list[Part]:
        """Store the parts of a file, without the manifest; make the bucket where it is missing.

        Raises:
            SnapshotError: S3 does not take it, or the warehouse is stopped.
        """
        with _telling("cannot be stored"):
            self._make_bucket()
        parts: list[Part] = []
        with file.open("rb") as source:
            while data := source.read(self._part_bytes):
                if stopped.is_set():
                    msg = "the warehouse is being stopped"
                    raise SnapshotError(msg)
                digest = hashlib.sha256(data)
                part = Part(f"part-{len(parts):05d}", len(data), digest.hexdigest())
                with _telling("cannot be stored"):
                    self._s3.put_object(
                        Bucket=self._bucket,
                        Key=self._key(snapshot.identifier, part.name),
                        Body=data,
                        ChecksumSHA256=b64encode(digest.digest()).decode(),
                    )
                parts.append(part)
        return parts

    def commit(self, snapshot: Snapshot) -> None:
        """Write a snapshot's manifest: from now on it is there, or is as it says.

        Raises:
            SnapshotError: S3 does not take it.
        """
        with _telling("cannot be stored"):
            self._s3.put_object(
                Bucket=self._bucket, Key=self._key(snapshot.identifier, MANIFEST), Body=snapshot.manifest()
            )

    def copy(self, source: Snapshot, target: Snapshot) -> None:
        """Copy the parts of a snapshot, without the manifest.

        Raises:
            SnapshotError: S3 does not do it.
        """
        with _telling("cannot be copied"):
            for part in source.parts:
                self._s3.copy_object(
                    Bucket=self._bucket,
                    Key=self._key(target.identifier, part.name),
                    CopySource={"Bucket": self._bucket, "Key": self._key(source.identifier, part.name)},
                )

    def all(self) -> list[Snapshot]:
        """Return the snapshots that are whole; one whose manifest cannot be read is `failed`.

        Raises:
            SnapshotError: S3 does not answer.
        """
        with _telling("cannot be listed"):
            found = {(key, etag) for key, etag, _ in self._objects() if key.endswith(f"/{MANIFEST}")}
            read = {each: self._manifests.get(each) or self._manifest(each[0]) for each in found}
        self._manifests = read
        return sorted(read.values(), key=lambda each: (each.created, each.identifier))

    def check(self, snapshot: Snapshot) -> None:
        """See that all parts are there, in their lengths; what is in them `fetch` checks.

        Raises:
            DamagedError: One is not.
        """
        with _telling("cannot be listed"):
            sizes = {key: size for key, _, size in self._objects(snapshot.identifier)}
        for part in snapshot.parts:
            size = sizes.get(self._key(snapshot.identifier, part.name))
            if size is None:
                raise DamagedError(snapshot.identifier, f"`{part.name}` is missing")
            if size != part.size:
                what = f"`{part.name}` has {size} bytes, and its manifest says {part.size}"
                raise DamagedError(snapshot.identifier, what)

    def fetch(self, snapshot: Snapshot, file: Path) -> None:
        """Write a snapshot's parts to a file, each checked.

        Raises:
            DamagedError: A part is missing, or is not what was taken.
            SnapshotError: S3 does not answer.
        """
        with file.open("wb") as target:
            for part in snapshot.parts:
                data = self._part(snapshot, part)
                if (found := hashlib.sha256(data).hexdigest()) != part.sha256:
                    what = f"`{part.name}` has the SHA-256 {found}, and its manifest says {part.sha256}"
                    raise DamagedError(snapshot.identifier, what)
                target.write(data)

    def delete(self, identifier: str) -> None:
        """Delete a snapshot, its manifest first.

        Raises:
            SnapshotError: S3 does not do it.
        """
        with _telling("cannot be deleted"):
            keys = [key for key, *_ in self._objects(identifier)]
            for key in sorted(keys, key=lambda each: not each.endswith(f"/{MANIFEST}")):
                self._s3.delete_object(Bucket=self._bucket, Key=key)

    def sweep(self, kept: Collection[str]) -> list[str]:
        """Delete parts without a manifest, but not those that are `kept`; return whose they were.

        Raises:
            SnapshotError: S3 does not answer.
        """
        with _telling("cannot be listed"):
            keys = [key for key, *_ in self._objects()]
        names = {key.removeprefix(f"{self._cluster}/").partition("/")[0] for key in keys}
        whole = {key.split("/")[1] for key in keys if key.endswith(f"/{MANIFEST}")}
        halves = sorted(names - whole - set(kept))
        for identifier in halves:
            self.delete(identifier)
        return halves

    def _part(self, snapshot: Snapshot, part: Part) -> bytes:
        try:
            with _telling("cannot be fetched"):
                return self._get(self._key(snapshot.identifier, part.name))
        except SnapshotError as error:
            if isinstance(error.__cause__, ClientError):
                raise DamagedError(snapshot.identifier, f"`{part.name}`: {error}") from None
            raise

    def _manifest(self, key: str) -> Snapshot:
        data = self._get(key)
        try:
            return Snapshot.from_manifest(data)
        except ValueError:
            identifier = key.split("/")[1]
            return replace(_UNREADABLE, identifier=identifier, cluster=self._cluster)

    def _get(self, key: str) -> bytes:
        data: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return data

    def _objects(self, identifier: str = "") -> Iterator[tuple[str, str, int]]:
        prefix = self._key(identifier, "") if identifier else f"{self._cluster}/"
        try:
            for page in self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix
            ):
                for each in page.get("Contents", ()):
                    yield each["Key"], each["ETag"], each["Size"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucket":
                raise

    def _make_bucket(self) -> None:
        region = self._s3.meta.region_name
        where = (
            {"CreateBucketConfiguration": {"LocationConstraint": region}} if region != _FIRST_REGION else {}
        )
        try:
            self._s3.create_bucket(Bucket=self._bucket, **where)
        except ClientError as error:
            if error.response["Error"]["Code"] != _OURS:
                raise

    def _key(self, identifier: str, name: str) -> str:
        return f"{self._cluster}/{identifier}/{name}"


@contextmanager
def _telling(what: str) -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        msg = f"{what}: {error}"
        raise SnapshotError(msg) from error
