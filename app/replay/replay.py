"""The replay: the days of the source, sent to Kinesis as they happened, faults included."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain

import orjson

from app.replay.faults import FaultPlan, Faults, Outgoing, inject
from app.replay.packer import MOST_EVENTS, Packer
from app.replay.sender import MOST_RECORDS, Kinesis, ReplayStalledError, Sender
from app.replay.source import read_flights, read_weather, read_zones
from app.replay.timeline import events_of
from contracts.batches import Packing
from contracts.events import FlightEvent
from contracts.lake import replay_end_key
from contracts.positions import StreamIdentity
from contracts.streams import FLIGHT_EVENTS_STREAM, WEATHER_STREAM
from contracts.weather import WeatherObservation
from runtime.clock import Clock
from runtime.objects import Objects
from runtime.streams import stream_identity

TICK_SECONDS = 0.1
"""A paced replay sends what falls into one tick together."""

PACKED_AT_ONCE = 40
"""Records' worth of events that wait to be packed together at most: enough for full ones in ten shards."""

NAP_SECONDS = 0.5
"""A paced replay that waits wakes this often to tell its progress, so that whoever is told can end it."""

Progress = Callable[[int, int], None]
"""Told how many records are sent, of how many; what it raises ends the replay."""


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a replay goes.

    Attributes:
        factor: Seconds of the source in one second; None as fast as Kinesis takes it.
    """

    factor: float | None = None

    @classmethod
    def parse(cls, text: str) -> "Speed":
        """Read `max`, or a factor such as `3600`: one hour of the source a second.

        Raises:
            ValueError: `text` is neither.
        """
        if text == "max":
            return cls()
        try:
            factor = float(text)
        except ValueError:
            factor = 0.0
        if not 0 < factor < float("inf"):
            msg = f"`speed` must be `max`, or a factor above 0 such as 3600; got `{text}`"
            raise ValueError(msg)
        return cls(factor)


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What a replay sent.

    Attributes:
        sent: Acknowledged events by stream, duplicates and malformed ones included.
        retried: Records that were sent again because Kinesis refused them or its answer was lost.
        seconds: From the first request to the last.
        faults: What was added and moved.
    """

    sent: dict[str, int]
    retried: int
    seconds: float
    faults: Faults


def outgoing(first: date, last: date) -> list[Outgoing]:
    """Return the events of the days from `first` to `last`, both included, in the order of their event times.

    Raises:
        ValueError: The source has nothing for these dates.
    """
    records = sorted(chain(_flights(first, last), _weather(first, last)), key=lambda each: each.due)
    if not records:
        msg = f"the source has no flight and no weather from `{first}` to `{last}`"
        raise ValueError(msg)
    return records


def forget_end(kinesis: Kinesis, objects: Objects) -> None:
    """Take back that an earlier replay has ended: a stream started now waits for the next one's end."""
    for stream in _streams(kinesis).values():
        objects.delete(replay_end_key(stream))


def has_ended(kinesis: Kinesis, objects: Objects) -> bool:
    """Return whether the last replay of every stream has ended, and did not break off."""
    ends = {replay_end_key(stream) for stream in _streams(kinesis).values()}
    return ends <= set(objects.keys("replays/"))


def run(  # noqa: PLR0913  # each is a choice of the caller
    *,
    records: list[Outgoing],
    kinesis: Kinesis,
    objects: Objects,
    speed: Speed,
    plan: FaultPlan,
    clock: Clock,
    packing: Packing = "plain",
    most_events: int = MOST_EVENTS,
    on_progress: Progress = lambda _sent, _total: None,
) -> ReplayResult:
    """Send events with the plan's faults, and say in the lake where each stream's replay ended.

    `kinesis` must not retry by itself: `Sender` does, and counts it. A packed record holds `most_events` at
    most.

    **Delivery**: at least once. **Order**: by due time, but for what is retried. **On failure**: no end is
    written, so nothing takes the part that was sent for the whole.

    Raises:
        ReplayStalledError: Kinesis kept refusing.
        RecordTooLargeError: An event is larger than Kinesis takes.
    """
    forget_end(kinesis, objects)
    streams, sender = _streams(kinesis), Sender(kinesis, clock)
    due, faults = inject(records, plan)
    packers: dict[str, Packer] = {}
    if packing != "plain":
        packers = {name: Packer(kinesis, name, packing, most_events) for name in streams}
    out = _Out(sender, list(streams), packers, PACKED_AT_ONCE * most_events if packers else MOST_RECORDS)
    started = clock.monotonic()
    try:
        _send(due, out, speed, clock, on_progress)
    except ReplayStalledError as stalled:
        unsent = len(due) - sum(sender.sent.values())
        raise ReplayStalledError(stalled.stream, unsent, stalled.reason) from None
    seconds = clock.monotonic() - started
    for name, stream in streams.items():
        shards = {shard: str(number) for shard, number in sender.last.get(name, {}).items()}
        end = {"ended_at": clock.now(), "last": shards}
        objects.put(replay_end_key(stream), orjson.dumps(end, option=orjson.OPT_UTC_Z))
    return ReplayResult(dict(sender.sent), sender.retried, seconds, faults)


class _Out:
    """What waits to be sent, by stream; packed where there is a packer."""

    def __init__(
        self, sender: Sender, streams: Iterable[str], packers: Mapping[str, Packer], most: int
    ) -> None:
        self._sender = sender
        self._packers = packers
        self._waiting: dict[str, list[Outgoing]] = {name: [] for name in streams}
        self._most = most

    def add(self, record: Outgoing) -> None:
        self._waiting[record.stream].append(record)

    def is_full(self, stream: str) -> bool:
        return len(self._waiting[stream]) == self._most

    def flush(self) -> int:
        """Send all that waits, and return how many events that was."""
        count = 0
        for stream, events in self._waiting.items():
            if events:
                packer = self._packers.get(stream)
                self._sender.send(stream, list(packer.pack(events)) if packer else events)
                if packer:
                    packer.follow(self._sender.last[stream].keys())
                count += len(events)
                self._waiting[stream] = []
        return count


def _send(due: list[Outgoing], out: _Out, speed: Speed, clock: Clock, on_progress: Progress) -> None:
    started = clock.monotonic()
    origin = due[0].due
    sent = 0
    for record in due:
        moment = started
        if speed.factor:
            moment += (record.due - origin).total_seconds() / speed.factor
        is_early = clock.monotonic() < moment - TICK_SECONDS
        if is_early or out.is_full(record.stream):
            sent += out.flush()
            on_progress(sent, len(due))
        while is_early and (left := moment - clock.monotonic()) > 0:
            clock.sleep(min(left, NAP_SECONDS))
            on_progress(sent, len(due))
        out.add(record)
    sent += out.flush()
    on_progress(sent, len(due))


def _streams(kinesis: Kinesis) -> dict[str, StreamIdentity]:
    return {name: stream_identity(kinesis, name) for name in (FLIGHT_EVENTS_STREAM, WEATHER_STREAM)}


def _flights(first: date, last: date) -> Iterator[Outgoing]:
    zones = read_zones()
    for flight in read_flights(first, last):
        for event in events_of(flight, zones):
            yield _outgoing(FLIGHT_EVENTS_STREAM, event)


def _weather(first: date, last: date) -> Iterator[Outgoing]:
    for observation in read_weather(first, last):
        yield _outgoing(WEATHER_STREAM, observation)


def _outgoing(stream: str, event: FlightEvent | WeatherObservation) -> Outgoing:
    return Outgoing(stream, event.event_id, event.partition_key, event.to_json(), event.event_time)
