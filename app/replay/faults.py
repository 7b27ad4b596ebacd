"""The fault plan: what a replay adds to the truth, seeded and written down, so that it can be counted again.

Every record has a moment at which it is due. The truth is due at its event time; a fault moves a record,
adds a copy of one, or adds a record that is no event. Nothing real is ever dropped or changed.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import cycle, islice
from random import Random
from typing import Any

import orjson

from contracts.batches import pack
from contracts.rejects import Rule
from contracts.streams import FLIGHT_EVENTS_STREAM

Break = Callable[[bytes], bytes]
"""Makes the bytes of an event those of none."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to be sent.

    Attributes:
        stream: Name of its stream.
        event_id: Of the event it holds or was made from.
        partition_key: As Kinesis takes it.
        data: Its bytes.
        due: When it is to be sent, in the time of the source, UTC.
        explicit_hash_key: That decides its shard, in decimal digits; empty where the partition key does.
        events: How many it holds.
    """

    stream: str
    event_id: str
    partition_key: str
    data: bytes
    due: datetime
    explicit_hash_key: str = ""
    events: int = 1


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """How much is added and moved.

    Attributes:
        seed: The same seed and records give the same faults.
        duplicate_share: Share of records sent once more, up to five hours later.
        late_share: Share of records that come one to twelve hours late, beyond the stream's bound at times.
        out_of_order_share: Share of records that come up to ten minutes late.
        malformed: How many records that are no events are added, one rule after the other, stream by stream.
    """

    seed: int = 2013
    duplicate_share: float = 0.005
    late_share: float = 0.005
    out_of_order_share: float = 0.02
    malformed: int = 19

    def __post_init__(self) -> None:
        """Refuse what is no share or no count.

        Raises:
            ValueError: A share is not between 0 and 1, or `malformed` is negative.
        """
        for name in ("duplicate_share", "late_share", "out_of_order_share"):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                msg = f"`{name}` must be between 0 and 1; got `{share!r}`"
                raise ValueError(msg)
        if self.malformed < 0:
            msg = f"`malformed` must not be negative; got `{self.malformed!r}`"
            raise ValueError(msg)


NO_FAULTS = FaultPlan(duplicate_share=0, late_share=0, out_of_order_share=0, malformed=0)


@dataclass(slots=True)
class Faults:
    """Exactly what was added and moved.

    Attributes:
        plan: The plan behind it.
        duplicates: Event ids of the copies.
        late: Event ids of records that come one to twelve hours late.
        out_of_order: Event ids of records that came up to ten minutes late, and so behind a later one of
            their stream; where none was due, nothing is out of order.
        malformed: Stream, broken rule and SHA-256 of each record that is no event.
    """

    plan: FaultPlan
    duplicates: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    malformed: list[tuple[str, Rule, str]] = field(default_factory=list)

    def to_json(self) -> bytes:
        """Write them down."""
        return orjson.dumps(self, option=orjson.OPT_INDENT_2)


def inject(records: Sequence[Outgoing], plan: FaultPlan) -> tuple[list[Outgoing], Faults]:
    """Return the records in the order in which they are due, with the plan's faults, and what those are."""
    random = Random(plan.seed)  # noqa: S311  # repeatable on purpose
    faults = Faults(plan)
    outgoing: list[Outgoing] = []
    copies: list[Outgoing] = []
    delayed: list[str] = []
    for record in records:
        chance = random.random()
        moved = record
        if chance < plan.late_share:
            faults.late.append(record.event_id)
            moved = _later(record, random.uniform(60, 720))
        elif chance < plan.late_share + plan.out_of_order_share:
            delayed.append(record.event_id)
            moved = _later(record, random.uniform(1, 10))
        outgoing.append(moved)
        if random.random() < plan.duplicate_share:
            faults.duplicates.append(record.event_id)
            copies.append(_later(record, random.uniform(0, 300)))
    outgoing.sort(key=_due)
    overtaken = _overtaken(outgoing, {each.event_id: each.due for each in records})
    faults.out_of_order += [event_id for event_id in delayed if event_id in overtaken]
    for original, rule, break_it in islice(_malformed(records, random), plan.malformed):
        broken = replace(original, data=break_it(original.data))
        faults.malformed.append((broken.stream, rule, hashlib.sha256(broken.data).hexdigest()))
        copies.append(broken)
    return sorted(outgoing + copies, key=_due), faults


def _malformed(records: Sequence[Outgoing], random: Random) -> Iterator[tuple[Outgoing, Rule, Break]]:
    """Yield, without end, records and what to break in them: every rule of one stream, then of the next."""
    streams: dict[str, list[Outgoing]] = {}
    for record in records:
        streams.setdefault(record.stream, []).append(record)
    for stream in cycle(sorted(streams)):
        for rule, break_it in _BREAKS:
            if rule != "impossible_delay" or stream == FLIGHT_EVENTS_STREAM:
                yield random.choice(streams[stream]), rule, break_it


def _overtaken(sent: Sequence[Outgoing], happened: dict[str, datetime]) -> set[str]:
    """Return the ids of those that are sent behind one of their stream that happened later."""
    overtaken = set()
    newest: dict[str, datetime] = {}
    for record in sent:
        at = happened[record.event_id]
        if at < newest.setdefault(record.stream, at):
            overtaken.add(record.event_id)
        else:
            newest[record.stream] = at
    return overtaken


def _due(record: Outgoing) -> datetime:
    return record.due


def _later(record: Outgoing, minutes: float) -> Outgoing:
    return replace(record, due=record.due + timedelta(minutes=minutes))


def _with(**changes: Any) -> Break:
    return lambda data: orjson.dumps(orjson.loads(data) | changes)


_BREAKS: tuple[tuple[Rule, Break], ...] = (
    ("not_json", lambda data: data[: len(data) // 2]),
    ("not_json", lambda data: b"[" + data + b"]"),
    ("missing_field", _with(origin=None)),
    ("wrong_type", _with(event_id=7)),
    ("too_long", _with(origin="NEW YORK")),
    ("unknown_kind", _with(kind="teleported")),
    ("bad_time", _with(event_time="2013-02-30T25:00:00Z")),
    ("wrong_identity", _with(event_id="nobody-knows-this-flight")),
    ("impossible_delay", _with(event_time="2012-02-08T12:00:00Z")),
    ("bad_batch", lambda data: pack([data], "zstd")[:-1]),
)
