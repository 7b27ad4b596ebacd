"""Where the files of an UNLOAD go: a prefix in S3."""

import io
from typing import IO, Any

from botocore.exceptions import BotoCoreError, ClientError

from warehouse.redshift.dialect.options import bucket_and_key
from warehouse.redshift.dialect.unload_statement import UnloadStatement
from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.unload.names import base, manifest

_MOST_DELETED = 1000
"""Keys of one DeleteObjects."""


class Destination:
    """A prefix, and what is there already."""

    def __init__(self, s3: Any, unload: UnloadStatement) -> None:
        """Look what is there.

        Raises:
            RedshiftError: It cannot be listed, or it is not empty and may not be written over.
        """
        self._s3 = s3
        self._unload = unload
        self._old = self._list()
        if self._old and not (unload.is_overwriting or unload.is_cleaning):
            msg = (
                f"Specified unload destination on S3 is not empty: `{unload.url}`. Consider using a "
                "different bucket / prefix, manually removing the target files in S3, or using the "
                "ALLOWOVERWRITE option."
            )
            raise RedshiftError(msg)

    def clean(self, folder: str = "") -> None:
        """Delete what was there, where CLEANPATH says so: all of the prefix, or one partition."""
        if not self._unload.is_cleaning:
            return
        prefix = (
            bucket_and_key(base(self._unload) + folder, "UNLOAD to")[1] if self._unload.partition_by else ""
        )
        gone = [key for key in self._old if key.startswith(prefix)]
        self._old = [key for key in self._old if not key.startswith(prefix)]
        bucket, _ = bucket_and_key(self._unload.url, "UNLOAD to")
        for start in range(0, len(gone), _MOST_DELETED):
            keys = [{"Key": key} for key in gone[start : start + _MOST_DELETED]]
            try:
                answer = self._s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
            except (ClientError, BotoCoreError) as error:
                msg = f"`{self._unload.url}` cannot be cleaned: {error}"
                raise RedshiftError(msg) from None
            if errors := answer.get("Errors"):
                msg = f"`{self._unload.url}` cannot be cleaned: {errors[0]}"
                raise RedshiftError(msg)

    def put(self, url: str, content: IO[bytes]) -> None:
        """Write an object.

        Raises:
            RedshiftError: It cannot be written.
        """
        bucket, key = bucket_and_key(url, "UNLOAD to")
        try:
            self._s3.upload_fileobj(content, bucket, key)
        except (ClientError, BotoCoreError, OSError) as error:
            msg = f"`{url}` cannot be written: {error}"
            raise RedshiftError(msg) from None

    def put_manifest(self, data: bytes) -> None:
        """Write the manifest."""
        self.put(manifest(self._unload), io.BytesIO(data))

    def _list(self) -> list[str]:
        bucket, prefix = bucket_and_key(self._unload.url, "UNLOAD to")
        try:
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            return [each["Key"] for page in pages for each in page.get("Contents", ())]
        except (ClientError, BotoCoreError) as error:
            msg = f"`{self._unload.url}` cannot be listed: {error}"
            raise RedshiftError(msg) from None
