"""s3-dist-cp, with an S3 in memory."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from localstack.providers.emr.commands import DistCp
from localstack.providers.emr.copying import copy
from localstack.providers.spark.errors import RefusedError


class FakeS3:
    """Buckets of one folder each, as boto3 shows them: two keys a page."""

    def __init__(self, *keys: str) -> None:
        """Begin with objects of the bucket `from`."""
        self.keys = sorted(keys)
        self.copied: list[tuple[str, str, str]] = []

    def get_paginator(self, name: str) -> "FakeS3":
        """See boto3."""
        assert name == "list_objects_v2"
        return self

    def paginate(self, **asked: str) -> Iterator[dict[str, Any]]:
        """See boto3."""
        assert asked["Bucket"] == "from"
        found = [{"Key": key} for key in self.keys if key.startswith(asked["Prefix"])]
        for place in range(0, max(len(found), 1), 2):
            page = found[place : place + 2]
            yield {"Contents": page} if page else {}

    def copy(self, source: dict[str, str], bucket: str, key: str) -> None:
        """See boto3."""
        self.copied.append((source["Key"], bucket, key))


def command(source: str, destination: str, pattern: str | None = None) -> DistCp:
    """Return a copy."""
    return DistCp(source, destination, re.compile(pattern) if pattern else None)


def test_a_folder_is_copied_with_what_is_below_it() -> None:
    """All pages, and no folder's mark; of a name that begins alike nothing."""
    s3 = FakeS3("in/a", "in/b/c", "in/d", "in/b/", "inside/e")
    told = copy(command("s3://from/in/", "s3://to/out"), s3, lambda: False)
    assert s3.copied == [("in/a", "to", "out/a"), ("in/b/c", "to", "out/b/c"), ("in/d", "to", "out/d")]
    assert told.splitlines()[0] == "s3://from/in/a -> s3://to/out/a"
    assert told.endswith("3 of 3 objects copied\n")


def test_only_what_matches_is_copied() -> None:
    """The pattern is held against the whole URI; a whole bucket has no folder."""
    s3 = FakeS3("a.csv", "b.txt")
    told = copy(command("s3://from", "s3://to", r"s3://from/.*\.csv"), s3, lambda: False)
    assert s3.copied == [("a.csv", "to", "a.csv")]
    assert told.endswith("1 of 2 objects copied\n")


def test_a_folder_without_objects_is_refused() -> None:
    """By its name: AWS's step fails too."""
    with pytest.raises(RefusedError, match="nothing is at s3://from/none"):
        copy(command("s3://from/none", "s3://to"), FakeS3("in/a"), lambda: False)


def test_a_copy_that_is_to_stop_begins_no_object_any_more() -> None:
    """What was copied by then stays, and is told."""
    s3 = FakeS3("in/a", "in/b", "in/c")
    told = copy(command("s3://from/in", "s3://to"), s3, lambda: len(s3.copied) == 2)
    assert [key for key, _, _ in s3.copied] == ["in/a", "in/b"]
    assert told.endswith("2 of 3 objects copied\n")
