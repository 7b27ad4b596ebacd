"""Objects by key: the lake's bucket, and its twin in memory."""

from collections.abc import Iterator
from threading import Lock
from typing import Any, ClassVar, Protocol

from botocore.exceptions import ClientError

from runtime.aws import client
from runtime.settings import Settings


class NoSuchObjectError(KeyError):
    """There is no object under this key."""

    def __init__(self, key: str) -> None:
        """Name the key."""
        super().__init__(key)
        self.key = key

    def __str__(self) -> str:
        """Say what is missing."""
        return f"no object under key `{self.key}`"


class Objects(Protocol):
    """Where objects stand; picklable, so that functions of a Beam pipeline can carry it."""

    def get(self, key: str) -> bytes:
        """Return an object's bytes.

        Raises:
            NoSuchObjectError: There is none under `key`.
        """

    def put(self, key: str, data: bytes) -> None:
        """Write an object; one that stands under `key` is replaced."""

    def put_new(self, key: str, data: bytes) -> bool:
        """Write an object unless one stands under `key` already; return whether it was written."""

    def delete(self, key: str) -> None:
        """Remove an object; nothing happens where there is none."""

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys that start with `prefix`, in their order."""


class S3Objects:
    """Objects in one S3 bucket.

    **Delivery**: a put is whole or not at all. **On failure**: botocore retries, then raises.
    """

    def __init__(self, settings: Settings) -> None:
        """Take the bucket that `settings` names as the lake."""
        self._settings = settings

    def __reduce__(self) -> tuple[type["S3Objects"], tuple[Settings]]:
        """Travel as settings; the client is the process's."""
        return S3Objects, (self._settings,)

    @property
    def _s3(self) -> Any:
        return _s3(self._settings)

    @property
    def _bucket(self) -> str:
        return self._settings.lake

    def get(self, key: str) -> bytes:
        """See `Objects.get`."""
        try:
            body: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except self._s3.exceptions.NoSuchKey:
            raise NoSuchObjectError(key) from None
        return body

    def put(self, key: str, data: bytes) -> None:
        """See `Objects.put`."""
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=data)

    def put_new(self, key: str, data: bytes) -> bool:
        """See `Objects.put_new`; S3 decides, by If-None-Match."""
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=data, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] in {"PreconditionFailed", "ConditionalRequestConflict"}:
                return False
            raise
        return True

    def delete(self, key: str) -> None:
        """See `Objects.delete`."""
        self._s3.delete_object(Bucket=self._bucket, Key=key)

    def keys(self, prefix: str) -> Iterator[str]:
        """See `Objects.keys`."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        for page in pages:
            for each in page.get("Contents", ()):
                yield each["Key"]


_MAKING = Lock()
_clients: dict[Settings, Any] = {}


def _s3(settings: Settings) -> Any:
    """Return a client, the same in all of the process: a pipeline's steps travel with each run."""
    with _MAKING:  # boto3's session is for one thread at a time
        if settings not in _clients:
            _clients[settings] = client("s3", settings)
        return _clients[settings]


class MemoryObjects:
    """The twin in memory: one store a name, shared by everyone in the process who names it."""

    _stores: ClassVar[dict[str, dict[str, bytes]]] = {}

    def __init__(self, name: str) -> None:
        """Take the store of that name."""
        self._name = name
        self._objects = self._stores.setdefault(name, {})

    def __reduce__(self) -> tuple[type["MemoryObjects"], tuple[str]]:
        """Travel as a name; a copy would not be seen by others."""
        return MemoryObjects, (self._name,)

    def get(self, key: str) -> bytes:
        """See `Objects.get`."""
        try:
            return self._objects[key]
        except KeyError:
            raise NoSuchObjectError(key) from None

    def put(self, key: str, data: bytes) -> None:
        """See `Objects.put`."""
        self._objects[key] = data

    def put_new(self, key: str, data: bytes) -> bool:
        """See `Objects.put_new`."""
        if key in self._objects:
            return False
        self._objects[key] = data
        return True

    def delete(self, key: str) -> None:
        """See `Objects.delete`."""
        self._objects.pop(key, None)

    def keys(self, prefix: str) -> Iterator[str]:
        """See `Objects.keys`."""
        yield from sorted(key for key in self._objects if key.startswith(prefix))
