"""What a shard carries from one range to the next: the events it has seen, over a horizon of event time.

A range writes what it has seen itself, and names the range before it; now and then it writes all, so that
neither a range nor a restart costs more the longer the stream runs. A row is an event; that of an aircraft's
departure is its leg, too.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import compress

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from contracts.lake import state_key
from contracts.positions import HASH_KEYS, ShardRange, StreamIdentity
from pipelines.driver.plan import RangePlan
from pipelines.legs import LEGS, of_hash_keys, order_of, with_their_sessions
from runtime.objects import Objects

HORIZON = timedelta(days=35)
"""How long, in event time, a duplicate is recognised; a second replay of a month falls within it."""

RECENT_EVENTS = 50_000
"""How many of the last events are recognised however old they are: older days may follow newer ones."""

OUT_OF_ORDERNESS = timedelta(hours=6)
"""How far, in event time, an event may come behind the newest of its shard and not be late."""

MOST_PIECES = 50
"""Objects that a restart reads at most, for each shard."""

_PREVIOUS, _PIECES, _ROWS, _WHOLE_ROWS = b"previous", b"pieces", b"rows", b"whole_rows"
_HASH_KEYS, _NEWEST = b"hash_keys", b"newest"


@dataclass(slots=True)
class ShardState:
    """Events of one shard by identity.

    Attributes:
        seen: Event time of each event of earlier ranges, in seconds since 1970, by `event_id`.
        fresh: The same of the range at hand.
        legs: Those among `seen`: whole sessions, as earlier ranges told them.
        fresh_legs: Those among `fresh`.
        hash_keys: The shard's.
        newest: The largest event time that had come when its range was planned; None before the first.
        pieces: Objects that hold `seen`.
        rows: Events in those behind the last whole one.
        whole_rows: Events in that.
    """

    seen: dict[str, int] = field(default_factory=dict)
    fresh: dict[str, int] = field(default_factory=dict)
    legs: pa.Table = field(default_factory=LEGS.empty_table)
    fresh_legs: pa.Table = field(default_factory=LEGS.empty_table)
    hash_keys: range = HASH_KEYS
    newest: int | None = None
    pieces: int = 0
    rows: int = 0
    whole_rows: int = 0

    def are_new(self, event_ids: Sequence[str], event_times: Sequence[int], now: datetime) -> list[bool]:
        """Remember events, and return of each whether it is seen for the first time.

        Args:
            event_ids: Of events, in their order.
            event_times: Theirs, in seconds since 1970.
            now: When their range was planned: an event from the future is an event, but moves no horizon.
        """
        seen, fresh = self.seen, self.fresh
        found = dict(zip(event_ids, event_times, strict=True))
        others = (seen.keys(), fresh.keys())
        if len(found) == len(event_ids) and all(map(found.keys().isdisjoint, others)):
            answers = [True] * len(event_ids)  # told without a look at each, as most often
            fresh |= found
        else:
            answers = []
            for event_id, at in zip(event_ids, event_times, strict=True):
                is_new = event_id not in seen and event_id not in fresh
                if is_new:
                    fresh[event_id] = at
                answers.append(is_new)
        latest = int(now.timestamp())
        newest = max(fresh.values(), default=None)
        if newest is not None and newest > latest:
            newest = max((at for at in fresh.values() if at <= latest), default=None)
        self.newest = _largest((self.newest, newest))
        return answers

    def watermark(self) -> datetime | None:
        """Return the event time up to which the shard is believed complete; None before its first event."""
        if self.newest is None:
            return None
        return datetime.fromtimestamp(self.newest, UTC) - OUT_OF_ORDERNESS

    def to_object(self, shard_range: ShardRange) -> tuple[str, bytes]:
        """Return where the state behind a range belongs, and it; go on from there.

        The same state is always the same bytes.
        """
        rows = self.rows + len(self.fresh)
        is_whole = self.pieces in {0, MOST_PIECES} or rows > self.whole_rows
        self.seen |= self.fresh
        self.legs = pa.concat_tables([self.legs, self.fresh_legs])
        if is_whole:
            self._forget()
            table, rows, self.whole_rows, self.pieces = _rows(self.seen, self.legs), 0, len(self.seen), 1
        else:
            table = _rows(self.fresh, self.fresh_legs)
            self.pieces += 1
        previous = "" if is_whole else str(shard_range.after)
        about = {
            _PREVIOUS: previous,
            _PIECES: str(self.pieces),
            _ROWS: str(rows),
            _WHOLE_ROWS: str(self.whole_rows),
            _HASH_KEYS: f"{self.hash_keys.start} {self.hash_keys.stop}",
            _NEWEST: "" if self.newest is None else str(self.newest),
        }
        self.fresh, self.fresh_legs, self.rows = {}, LEGS.empty_table(), rows
        sink = io.BytesIO()
        parquet.write_table(table.replace_schema_metadata(about), sink, compression="zstd")
        return state_key(shard_range.stream, shard_range.shard_id, shard_range.last), sink.getvalue()

    def _forget(self) -> None:
        """Keep what lies within the horizon, the last events, and the sessions of these whole."""
        times = np.fromiter(self.seen.values(), np.int64, len(self.seen))
        is_near = np.abs(times - (self.newest or 0)) <= HORIZON.total_seconds()
        is_kept = is_near | (np.arange(len(times)) >= len(times) - RECENT_EVENTS)
        if is_kept.all():
            return
        legs = self.legs.take(order_of(self.legs))
        places = pc.index_in(legs["event_id"], pa.array(list(self.seen), pa.string())).to_numpy()
        is_kept_leg = with_their_sessions(legs, is_kept[places])
        self.legs = legs.filter(is_kept_leg)
        is_kept[places[is_kept_leg]] = True
        self.seen = dict(compress(self.seen.items(), is_kept.tolist()))

    @classmethod
    def load(cls, objects: Objects, stream: StreamIdentity, shard_id: str, last: int) -> "ShardState":
        """Read what `to_object` made behind the range that ended at `last`.

        Raises:
            NoSuchObjectError: Nothing, or not all of it, is there.
        """
        tables, at = [], str(last)
        while at:
            data = objects.get(state_key(stream, shard_id, int(at)))
            tables.append(parquet.read_table(io.BytesIO(data)))
            at = tables[-1].schema.metadata[_PREVIOUS].decode()
        about = tables[0].schema.metadata
        state = cls(pieces=int(about[_PIECES]), rows=int(about[_ROWS]), whole_rows=int(about[_WHOLE_ROWS]))
        state.hash_keys = range(*map(int, about[_HASH_KEYS].split()))
        events = pa.concat_tables(tables[::-1]).replace_schema_metadata()
        state.seen = dict(zip(events["event_id"].to_pylist(), events["event_time"].to_pylist(), strict=True))
        state.legs = events.filter(events["tail_number"].is_valid())
        state.newest = int(about[_NEWEST]) if about[_NEWEST] else None
        return state

    @classmethod
    def of_parents(cls, parents: Iterable["ShardState"], hash_keys: range) -> "ShardState":
        """Return what a shard begins with: whatever its parents have seen, and the legs of its own aircraft.

        A leg that came to a parent by another's key was told there as a session apart, and stays one.
        """
        state = cls(hash_keys=hash_keys)
        for parent in parents:
            state.seen |= parent.seen
            legs = of_hash_keys(parent.legs, parent.hash_keys, hash_keys)
            is_other = pc.invert(pc.is_in(legs["event_id"], state.legs["event_id"].combine_chunks()))
            state.legs = pa.concat_tables([state.legs, legs.filter(is_other)])
            state.newest = _largest((state.newest, parent.newest))
        return state


def _largest(times: Iterable[int | None]) -> int | None:
    return max((each for each in times if each is not None), default=None)


def _rows(seen: dict[str, int], legs: pa.Table) -> pa.Table:
    event_ids = pa.array(list(seen), pa.string())
    places = pc.index_in(event_ids, legs["event_id"].combine_chunks())
    columns = [event_ids, pa.array(list(seen.values()), pa.int64())]
    return pa.table([*columns, *(legs[name].take(places) for name in LEGS.names[2:])], schema=LEGS)


_kept: dict[tuple[StreamIdentity, str], tuple[int, ShardState]] = {}


def keep(shard_range: ShardRange, state: ShardState) -> None:
    """Keep the state behind a range for the range that follows it: a shortcut and no more."""
    _kept[shard_range.stream, shard_range.shard_id] = shard_range.last, state


def take(objects: Objects, plan: RangePlan) -> ShardState:
    """Return the state that a range begins with, kept or read; it is the caller's alone.

    Raises:
        NoSuchObjectError: It is not in the lake.
    """
    shard_range = plan.shard_range
    stream, after = shard_range.stream, shard_range.after.sequence_number
    if after is None:
        parents = (ShardState.load(objects, stream, parent, last) for parent, last in plan.parents)
        return ShardState.of_parents(parents, plan.hash_keys)
    last, state = _kept.pop((stream, shard_range.shard_id), (None, ShardState()))
    return state if last == after else ShardState.load(objects, stream, shard_range.shard_id, after)
