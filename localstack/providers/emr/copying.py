"""s3-dist-cp: the objects of one folder of S3, copied to another."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from localstack.providers.emr.commands import DistCp
from localstack.providers.spark.errors import RefusedError


def copy(command: DistCp, s3: Any, is_stopping: Callable[[], bool]) -> str:
    """Copy, and return what was done, a line an object; once it is to stop no object is begun any more.

    Raises:
        RefusedError: The source has no object.
    """
    source, destination = urlsplit(command.source), urlsplit(command.destination)
    prefix, to = source.path.strip("/"), destination.path.strip("/")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=source.netloc, Prefix=prefix)
    keys = [each["Key"] for page in pages for each in page.get("Contents", ())]
    inside = [
        key
        for key in keys
        if not key.endswith("/") and (not prefix or key == prefix or key.startswith(f"{prefix}/"))
    ]  # a key that ends with a slash is a folder's mark, and no file
    if not inside:
        msg = f"s3-dist-cp: nothing is at {command.source}"
        raise RefusedError(msg)
    lines = []
    for key in inside:
        if is_stopping():
            break
        uri = f"{source.scheme}://{source.netloc}/{key}"
        if command.pattern and not command.pattern.fullmatch(uri):
            continue
        name = key.removeprefix(prefix).lstrip("/") or key.rsplit("/", 1)[-1]
        target = "/".join(filter(None, (to, name)))
        s3.copy({"Bucket": source.netloc, "Key": key}, destination.netloc, target)
        lines.append(f"{uri} -> {destination.scheme}://{destination.netloc}/{target}\n")
    return "".join(lines) + f"{len(lines)} of {len(inside)} objects copied\n"
