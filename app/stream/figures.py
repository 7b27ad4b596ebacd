"""What the stream that runs says of itself, read from its Prometheus endpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from urllib.request import urlopen

from runtime.clock import Clock

ANSWER_SECONDS = 2.0
_OURS = b"# TYPE millrace_stream_records_total "
"""Tells the stream from any other that answers on the port."""


@dataclass(frozen=True, slots=True)
class ShardFigures:
    """What a stream did with one shard since its process started.

    Attributes:
        stream: The stream's name.
        shard_id: The shard's.
        records: Committed, duplicates and rejects included.
        duplicates: Of these, those whose event was there.
        rejects: Of these, those that cannot be events.
        records_per_second: Since the last look; None at the first.
        behind_seconds: How far the last read was behind the shard's end; None where nobody said.
        delay_seconds: From the last batch's newest arrival to its commit; None where nobody said.
        watermark: Event time up to which the shard is believed complete; None before its first event.
        batch_seconds: All steps of the last batch together; None where nobody said.
    """

    stream: str
    shard_id: str
    records: int
    duplicates: int
    rejects: int
    records_per_second: float | None
    behind_seconds: float | None
    delay_seconds: float | None
    watermark: datetime | None
    batch_seconds: float | None


class StreamWatch:
    """Looks at a stream again and again."""

    def __init__(self, port: int, clock: Clock) -> None:
        """Take the stream's port on 127.0.0.1 for its metrics, 0 where it has none."""
        self._port = port
        self._clock = clock
        self._seen_at: float | None = None
        self._seen: dict[tuple[str, str], int] = {}

    def look(self) -> list[ShardFigures] | None:
        """Return the figures of every shard, by stream and shard; None where no stream answers."""
        text = _answer(self._port)
        now = self._clock.monotonic()
        if text is None:
            self._seen_at = None
            return None
        elapsed = None if self._seen_at is None else now - self._seen_at
        shards = _by_shard(text)
        figures = [self._figures(shard, shards[shard], elapsed) for shard in sorted(shards)]
        self._seen_at = now
        self._seen = {(each.stream, each.shard_id): each.records for each in figures}
        return figures

    def _figures(self, shard: tuple[str, str], said: dict[str, float], elapsed: float | None) -> ShardFigures:
        records = int(said.get("records_total", 0))
        rate = None
        if elapsed:
            before = self._seen.get(shard, 0)
            # A stream that was started again counts from zero.
            rate = (records - before if records >= before else records) / elapsed
        watermark = said.get("watermark_timestamp_seconds")
        return ShardFigures(
            *shard,
            records=records,
            duplicates=int(said.get("duplicates_total", 0)),
            rejects=int(said.get("rejects_total", 0)),
            records_per_second=rate,
            behind_seconds=said.get("behind_latest_seconds"),
            delay_seconds=said.get("commit_delay_seconds"),
            watermark=None if watermark is None else datetime.fromtimestamp(watermark, UTC),
            batch_seconds=said.get("last_batch_seconds"),
        )


def summary(figures: Sequence[ShardFigures]) -> str:
    """Return what a stream did as one line."""
    records, duplicates, rejects = (
        sum(each.records for each in figures),
        sum(each.duplicates for each in figures),
        sum(each.rejects for each in figures),
    )
    said = f"{records:,} records, {duplicates:,} duplicates dropped, {rejects:,} rejects set aside"
    behind = [each.behind_seconds for each in figures if each.behind_seconds is not None]
    return f"{said}; {max(behind):.1f} s behind" if behind else said


def _answer(port: int) -> str | None:
    if not port:
        return None
    try:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=ANSWER_SECONDS) as answer:
            said: bytes = answer.read()
    except (OSError, HTTPException):
        return None
    return said.decode() if _OURS in said else None


def _by_shard(text: str) -> dict[tuple[str, str], dict[str, float]]:
    """Return the figures that have a stream, a shard and no other label, by shard and by short name."""
    from prometheus_client.parser import (  # noqa: PLC0415  # it takes longer than all else of `status`
        text_string_to_metric_families,
    )

    shards: dict[tuple[str, str], dict[str, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.labels.keys() == {"stream", "shard"}:
                shard = (sample.labels["stream"], sample.labels["shard"])
                shards.setdefault(shard, {})[sample.name.removeprefix("millrace_stream_")] = sample.value
    return shards
