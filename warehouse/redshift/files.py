"""The files of a COPY: fetched from S3, and read as Arrow."""

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
from botocore.exceptions import BotoCoreError, ClientError
from pyarrow import parquet

from warehouse.redshift.dialect.copy_statement import CopyStatement
from warehouse.redshift.errors import RedshiftError

THREADS = 4


def read_files(s3: Any, copy: CopyStatement) -> Iterator[tuple[str, pa.Table]]:
    """Yield the URL and the rows of each file that a COPY names.

    Raises:
        RedshiftError: A mandatory file is missing, is not as long as the manifest says, or is no Parquet.
    """
    if copy.is_manifest:
        entries = json.loads(_get(s3, copy.url))["entries"]
        wanted = [(each["url"], each.get("mandatory", False), _length(each)) for each in entries]
    else:
        bucket, prefix = _split(copy.url)
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [found["Key"] for page in pages for found in page.get("Contents", ())]
        if not keys:
            msg = f"the specified S3 prefix `{copy.url}` does not exist"
            raise RedshiftError(msg)
        wanted = [(f"s3://{bucket}/{key}", True, None) for key in keys]
    with ThreadPoolExecutor(THREADS) as pool:
        yield from pool.map(lambda each: (each[0], _read(s3, *each)), wanted)


def _length(entry: dict[str, Any]) -> int | None:
    length: int | None = entry.get("meta", {}).get("content_length")
    if length is None:
        msg = f"manifest entry of `{entry['url']}` lacks meta.content_length, which Parquet needs"
        raise RedshiftError(msg)
    return length


def _read(s3: Any, url: str, is_mandatory: bool, length: int | None) -> pa.Table | None:  # noqa: FBT001
    try:
        data = _get(s3, url)
    except RedshiftError:
        if is_mandatory:
            raise
        return None
    if length is not None and len(data) != length:
        msg = f"`{url}` has {len(data)} bytes, and the manifest says {length}"
        raise RedshiftError(msg)
    try:
        return parquet.read_table(io.BytesIO(data))
    except pa.ArrowInvalid as error:
        msg = f"`{url}` is no Parquet file: {error}"
        raise RedshiftError(msg) from None


def _get(s3: Any, url: str) -> bytes:
    bucket, key = _split(url)
    try:
        data: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except (ClientError, BotoCoreError) as error:
        msg = f"cannot read `{url}`: {error}"
        raise RedshiftError(msg) from None
    return data


def _split(url: str) -> tuple[str, str]:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key
