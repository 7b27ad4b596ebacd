"""S3's side of snapshots, in memory, and a clock that is moved by hand."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError

from tests.unit.warehouse.redshift.twin import MemoryS3

BUCKET = "snapshots"
START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""A Monday."""


class SnapshotS3(MemoryS3):
    """Objects that are written and deleted as well, in a bucket that must be there."""

    meta = SimpleNamespace(region_name="us-east-1")

    def __init__(self) -> None:
        """Have no bucket."""
        super().__init__()
        self.has_bucket = False
        self.is_down = False
        self.asked: list[str] = []

    def create_bucket(self, *, Bucket: str) -> None:  # noqa: N803  # AWS's names
        """Make the bucket."""
        self._ask("create", Bucket)
        if self.has_bucket:
            raise _error("BucketAlreadyOwnedByYou")
        self.has_bucket = True

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ChecksumSHA256: str = "") -> None:  # noqa: N803
        """Write an object, whose checksum must be as it is said."""
        self._ask("put", Key)
        if not self.has_bucket:
            raise _error("NoSuchBucket")
        if ChecksumSHA256 and ChecksumSHA256 != b64encode(hashlib.sha256(Body).digest()).decode():
            raise _error("BadDigest")
        self.objects[f"s3://{Bucket}/{Key}"] = Body

    def get_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: N803  # AWS's names
        """Return an object."""
        self._ask("get", Key)
        return super().get_object(Bucket=Bucket, Key=Key)

    def copy_object(self, *, Bucket: str, Key: str, CopySource: dict[str, str]) -> None:  # noqa: N803
        """Copy an object."""
        self._ask("copy", Key)
        self.objects[f"s3://{Bucket}/{Key}"] = self.objects[f"s3://{Bucket}/{CopySource['Key']}"]

    def delete_object(self, *, Bucket: str, Key: str) -> None:  # noqa: N803  # AWS's names
        """Delete an object."""
        self._ask("delete", Key)
        del self.objects[f"s3://{Bucket}/{Key}"]

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803  # AWS's names
        """Yield pages of two objects."""
        self._ask("list", Prefix)
        if not self.has_bucket:
            raise _error("NoSuchBucket")
        root = f"s3://{Bucket}/"
        found = [
            {"Key": url.removeprefix(root), "Size": len(data), "ETag": hashlib.md5(data).hexdigest()}  # noqa: S324  # as S3
            for url, data in sorted(self.objects.items())
            if url.startswith(root + Prefix)
        ]
        for first in range(0, len(found), 2):
            yield {"Contents": found[first : first + 2]}
        yield {}

    def _ask(self, what: str, key: str) -> None:
        self.asked.append(f"{what} {key}")
        if self.is_down:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")


class Clock:
    """A clock that stands still."""

    def __init__(self) -> None:
        """Stand at the start."""
        self.time = START

    def __call__(self) -> datetime:
        """Return the time."""
        return self.time

    def move(self, **by: float) -> None:
        """Move it."""
        self.time += timedelta(**by)


def _error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "S3")
