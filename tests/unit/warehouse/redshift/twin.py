"""S3's side of COPY and UNLOAD, in memory."""

import io
import json
from collections.abc import Iterator
from typing import IO, Any

import pyarrow as pa
from botocore.exceptions import ClientError
from pyarrow import parquet

MANIFEST = "s3://lake/m"
COPY = f"copy t from '{MANIFEST}' iam_role default manifest format as parquet"


class MemoryS3:
    """Objects by URL."""

    def __init__(self) -> None:
        """Hold nothing."""
        self.objects: dict[str, bytes] = {}

    def get_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: N803  # AWS's names
        """Return an object."""
        try:
            return {"Body": io.BytesIO(self.objects[f"s3://{Bucket}/{Key}"])}
        except KeyError:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject") from None

    def get_paginator(self, _operation: str) -> "MemoryS3":
        """Return what lists."""
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803  # AWS's names
        """Yield one page."""
        bucket = f"s3://{Bucket}/"
        keys = sorted(url.removeprefix(bucket) for url in self.objects if url.startswith(bucket + Prefix))
        yield {"Contents": [{"Key": key, "Size": len(self.objects[bucket + key])} for key in keys]}

    def upload_fileobj(self, content: IO[bytes], bucket: str, key: str) -> None:
        """Take an object."""
        self.objects[f"s3://{bucket}/{key}"] = content.read()

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:  # noqa: N803  # AWS's names
        """Delete objects."""
        for each in Delete["Objects"]:
            del self.objects[f"s3://{Bucket}/{each['Key']}"]
        return {}

    def put_rows(self, url: str, columns: dict[str, Any]) -> dict[str, Any]:
        """Write a Parquet file and return its manifest entry."""
        sink = io.BytesIO()
        parquet.write_table(pa.table(columns), sink)
        self.objects[url] = sink.getvalue()
        return {"url": url, "mandatory": True, "meta": {"content_length": len(sink.getvalue())}}

    def put_manifest(self, *entries: dict[str, Any]) -> None:
        """Write the manifest that the tests copy from."""
        self.objects[MANIFEST] = json.dumps({"entries": entries}).encode()
