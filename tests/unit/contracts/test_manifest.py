"""The manifest: what is written is what is read."""

from datetime import UTC, datetime

import orjson
import pytest

from contracts.manifest import LakeObject, RangeManifest
from contracts.positions import ResumeAfter, ShardRange, StreamIdentity

STREAM = StreamIdentity("arn:aws:kinesis:us-east-1:000000000000:stream/flight-events", 1)
NOON = datetime(2013, 2, 8, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param(
            RangeManifest(
                ShardRange(STREAM, "shardId-0", ResumeAfter(5), 10**55),
                records=9,
                duplicates=2,
                rejects=1,
                watermark=NOON,
                objects=(LakeObject.of("events", "k", 6, b"e" * 100), LakeObject.of("rejects", "r", 1, b"r")),
            ),
            id="in the middle",
        ),
        pytest.param(
            RangeManifest(ShardRange(STREAM, "shardId-0", ResumeAfter(), 0), 1, 0, 1, None, ()),
            id="the first",
        ),
    ],
)
def test_a_manifest_survives_json(manifest: RangeManifest) -> None:
    """With positions beyond what JSON's numbers hold."""
    assert RangeManifest.from_json(manifest.to_json()) == manifest


def test_events_are_the_rows_of_the_archive() -> None:
    """Rows of rejects and partials are none."""
    objects = (LakeObject.of("events", "k", 6, b"e" * 100), LakeObject.of("partials", "p", 3, b"p"))
    manifest = RangeManifest(ShardRange(STREAM, "shardId-0", ResumeAfter(), 5), 6, 0, 0, NOON, objects)
    assert orjson.loads(manifest.to_json())["events"] == manifest.events == 6
