"""The files of a COPY: which they are, and their bytes, fetched from S3 before they are asked for."""

import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

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
    """A file that a COPY names.

    Attributes:
        url: Of the object.
        is_mandatory: Whether it must be there.
        length: In bytes; None where nothing says it.
    """

    url: str
    is_mandatory: bool
    length: int | None


type _Reading = tuple[File, Future[bytes]]


class Files:
    """The files of a COPY, which are fetched from when this is made: their URLs and bytes, in their order."""

    def __init__(self, pool: Executor, s3: Any, copy: CopyStatement) -> None:
        """Begin to fetch."""
        self._pool = pool
        self._s3 = s3
        self._copy = copy
        self.urls: list[str] = []
        """Of the files that were given so far."""
        self._begun = pool.submit(self._begin)

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        """Yield each file, without those that may be missing and are; once.

        Raises:
            LoadError: A mandatory file is missing or none is there, or one is not as long as was said.
        """
        ahead, rest = self._begun.result()
        is_named, is_found = bool(ahead), False
        while ahead:
            for url, data in _result(*ahead.popleft()):
                is_found = True
                self.urls.append(url)
                yield url, data
            ahead.extend(self._reading(islice(rest, 1)))
        if is_named and not is_found:
            reason = "none of the files that the manifest names is there"
            raise LoadError(self._copy.url, reason)

    def read(self, url: str) -> bytes:
        """Return another object, which says how the files are to be read.

        Raises:
            LoadError: It cannot be read.
        """
        return _get(self._s3, url)

    def _begin(self) -> tuple[deque[_Reading], Iterator[File]]:
        found = self._manifest() if self._copy.is_manifest else _prefix(self._s3, self._copy.url)
        files = iter(found)
        return deque(self._reading(islice(files, FILES_AHEAD))), files

    def _reading(self, files: Iterable[File]) -> list[_Reading]:
        return [(file, self._pool.submit(_read, self._s3, file)) for file in files]

    def _manifest(self) -> list[File]:
        url = self._copy.url
        try:
            entries = json.loads(_get(self._s3, url))["entries"]
            return [self._entry(entry) for entry in entries]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f'is no manifest, which is {{"entries": [{{"url": "s3://…", …}}]}}: {error!r}'
            raise LoadError(url, reason) from None

    def _entry(self, entry: dict[str, Any]) -> File:
        length: int | None = (entry.get("meta") or {}).get("content_length")
        if length is None and self._copy.file_format == "parquet":
            reason = f"entry `{entry['url']}` lacks meta.content_length, which Parquet needs"
            raise LoadError(self._copy.url, reason)
        return File(entry["url"], bool(entry.get("mandatory", False)), length)


@contextmanager
def fetching(s3: Any, copies: Sequence[CopyStatement], *, is_ahead: bool) -> Iterator[Iterator[Files]]:
    """Give the files of each COPY of some statements.

    Args:
        s3: A client.
        copies: What each COPY asks for.
        is_ahead: Whether all are on their way from when the first are asked for; else each COPY's are from
            when its own are: an UNLOAD before it may write them.
    """
    with ThreadPoolExecutor(THREADS, "copy") as pool:
        try:
            files = (Files(pool, s3, copy) for copy in copies)
            yield _at_once(files) if is_ahead else files
        finally:
            pool.shutdown(cancel_futures=True)


def _at_once(files: Iterator[Files]) -> Iterator[Files]:
    yield from list(files)


def _result(file: File, future: Future[bytes]) -> Iterator[tuple[str, bytes]]:
    try:
        yield file.url, future.result()
    except MissingFileError:
        if file.is_mandatory:
            raise


def _prefix(s3: Any, url: str) -> list[File]:
    bucket, prefix = _split(url)
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        found = [each for page in pages for each in page.get("Contents", ())]
    except (ClientError, BotoCoreError) as error:
        reason = f"cannot be listed: {error}"
        raise LoadError(url, reason) from None
    # A key that ends in a slash is how consoles show a folder: it is no file.
    files = [each for each in found if not each["Key"].endswith("/")]
    if not files:
        reason = "the specified S3 prefix does not exist"
        raise LoadError(url, reason)
    return [File(f"s3://{bucket}/{each['Key']}", is_mandatory=True, length=each["Size"]) for each in files]


def _read(s3: Any, file: File) -> bytes:
    data = _get(s3, file.url)
    if file.length is not None and len(data) != file.length:
        reason = f"has {len(data)} bytes, and the manifest says {file.length}"
        raise LoadError(file.url, reason)
    return data


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
