"""What a COPY is told: a manifest in the lake that names every file and its length."""

import hashlib
import json
from collections.abc import Iterable, Sequence

from contracts.lake import copy_manifest_key
from contracts.manifest import LakeObject
from runtime.objects import NoSuchObjectError, Objects
from warehouse.models.errors import NothingToLoadError
from warehouse.models.statements import text_literal


class CopyManifests:
    """Writes the manifests of one load.

    **Delivery**: names and bytes follow from what is loaded, so whoever repeats a load overwrites its own.
    """

    def __init__(self, objects: Objects, lake: str, parts: Iterable[str]) -> None:
        """Take the lake, its bucket's name, and the parts that name this load and no other."""
        self._objects = objects
        self._lake = lake
        self._load_id = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

    def of_objects(self, table: str, objects: Sequence[LakeObject]) -> str:
        """Write the manifest of objects whose lengths are known; return its URL as SQL.

        Redshift refuses a Parquet file whose `content_length` is missing or wrong.
        """
        entries = [
            {
                "url": self._url(each.key),
                "mandatory": True,
                "meta": {"content_length": each.size_bytes},
            }
            for each in objects
        ]
        key = copy_manifest_key(self._load_id, table)
        self._objects.put(key, json.dumps({"entries": entries}).encode())
        return text_literal(self._url(key))

    def of_keys(self, table: str, keys: Iterable[str]) -> str:
        """Write the manifest of objects that are small enough to be measured by reading them.

        Raises:
            NothingToLoadError: One of them is not there.
        """
        try:
            found = [LakeObject.of("events", key, 0, self._objects.get(key)) for key in keys]
        except NoSuchObjectError as error:
            raise NothingToLoadError(error.key) from None
        return self.of_objects(table, found)

    def _url(self, key: str) -> str:
        return f"s3://{self._lake}/{key}"
