"""The files of a COPY: fetched from S3, and read as Arrow."""

import io
import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
from botocore.exceptions import BotoCoreError, ClientError
from pyarrow import parquet

from warehouse.redshift.dialect.copy_statement import CopyStatement
from warehouse.redshift.errors import LoadError

THREADS = 8
FILES_AHEAD = 8
"""Files of each COPY that are fetched before they are asked for: they bound the memory, not the manifests."""

_MISSING = {"NoSuchKey", "404"}


class MissingFileError(LoadError):
    """There is no such file."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that a COPY names: its URL, whether it must be there, and its length in bytes."""

    url: str
    is_mandatory: bool
    length: int


type _Reading = tuple[File, Future[pa.Table]]


class Files:
    """The files of a COPY, which are fetched from when this is made: their URLs and rows, in their order."""

    def __init__(self, pool: Executor, s3: Any, copy: CopyStatement) -> None:
        """Begin to fetch."""
        self._pool = pool
        self._s3 = s3
        self._copy = copy
        self._begun = pool.submit(self._begin)

    def __iter__(self) -> Iterator[tuple[str, pa.Table]]:
        """Yield each file, without those that may be missing and are; once.

        Raises:
            LoadError: A mandatory file is missing, is not as long as the manifest says, or is no Parquet.
        """
        ahead, rest = self._begun.result()
        while ahead:
            yield from _result(*ahead.popleft())
            ahead.extend(self._reading(islice(rest, 1)))

    def _begin(self) -> tuple[deque[_Reading], Iterator[File]]:
        list_files = _manifest if self._copy.is_manifest else _prefix
        files = iter(list_files(self._s3, self._copy.url))
        return deque(self._reading(islice(files, FILES_AHEAD))), files

    def _reading(self, files: Iterable[File]) -> list[_Reading]:
        return [(file, self._pool.submit(_read, self._s3, file)) for file in files]


@contextmanager
def fetching(s3: Any, copies: Sequence[CopyStatement]) -> Iterator[Iterator[Files]]:
    """Give the files of each COPY of a transaction, all on their way from when the first are asked for."""
    with ThreadPoolExecutor(THREADS, "copy") as pool:
        try:
            yield _all(pool, s3, copies)
        finally:
            pool.shutdown(cancel_futures=True)


def _all(pool: Executor, s3: Any, copies: Sequence[CopyStatement]) -> Iterator[Files]:
    yield from [Files(pool, s3, copy) for copy in copies]


def _result(file: File, future: Future[pa.Table]) -> Iterator[tuple[str, pa.Table]]:
    try:
        yield file.url, future.result()
    except MissingFileError:
        if file.is_mandatory:
            raise


def _manifest(s3: Any, url: str) -> list[File]:
    try:
        entries = json.loads(_get(s3, url))["entries"]
        return [_entry(url, entry) for entry in entries]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f'is no manifest, which is {{"entries": [{{"url": "s3://…", …}}]}}: {error!r}'
        raise LoadError(url, reason) from None


def _entry(manifest: str, entry: dict[str, Any]) -> File:
    length: int | None = (entry.get("meta") or {}).get("content_length")
    if length is None:
        reason = f"entry `{entry['url']}` lacks meta.content_length, which Parquet needs"
        raise LoadError(manifest, reason)
    return File(entry["url"], bool(entry.get("mandatory", False)), length)


def _prefix(s3: Any, url: str) -> list[File]:
    bucket, prefix = _split(url)
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        found = [each for page in pages for each in page.get("Contents", ())]
    except (ClientError, BotoCoreError) as error:
        reason = f"cannot be listed: {error}"
        raise LoadError(url, reason) from None
    if not found:
        reason = "the specified S3 prefix does not exist"
        raise LoadError(url, reason)
    return [File(f"s3://{bucket}/{each['Key']}", is_mandatory=True, length=each["Size"]) for each in found]


def _read(s3: Any, file: File) -> pa.Table:
    data = _get(s3, file.url)
    if len(data) != file.length:
        reason = f"has {len(data)} bytes, and the manifest says {file.length}"
        raise LoadError(file.url, reason)
    try:
        return parquet.read_table(io.BytesIO(data))
    except pa.ArrowInvalid as error:
        reason = f"is no Parquet file: {error}"
        raise LoadError(file.url, reason) from None


def _get(s3: Any, url: str) -> bytes:
    bucket, key = _split(url)
    try:
        data: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        kind = MissingFileError if error.response["Error"]["Code"] in _MISSING else LoadError
        reason = f"cannot be read: {error}"
        raise kind(url, reason) from None
    except BotoCoreError as error:
        reason = f"cannot be read: {error}"
        raise LoadError(url, reason) from None
    return data


def _split(url: str) -> tuple[str, str]:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key
