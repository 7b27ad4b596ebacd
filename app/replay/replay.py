"""The replay: the days of the source, sent to Kinesis as they happened, faults included."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain

import orjson

from app.replay.faults import FaultPlan, Faults, Outgoing, inject
from app.replay.sender import MOST_RECORDS, Kinesis, ReplayStalledError, Sender
from app.replay.source import read_flights, read_weather, read_zones
from app.replay.timeline import events_of
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
        sent: Acknowledged records by stream, duplicates and malformed ones included.
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
    on_progress: Progress = lambda _sent, _total: None,
) -> ReplayResult:
    """Send records with the plan's faults, and say in the lake where each stream's replay ended.

    `kinesis` must not retry by itself: `Sender` does, and counts it.

    **Delivery**: at least once. **Order**: by due time, but for what is retried. **On failure**: no end is
    written, so nothing takes the part that was sent for the whole.

    Raises:
        ReplayStalledError: Kinesis kept refusing.
    """
    forget_end(kinesis, objects)
    streams, sender = _streams(kinesis), Sender(kinesis, clock)
    due, faults = inject(records, plan)
    started = clock.monotonic()
    try:
        _send(due, sender, list(streams), speed, clock, on_progress)
    except ReplayStalledError as stalled:
        unsent = len(due) - sum(sender.sent.values())
        raise ReplayStalledError(stalled.stream, unsent, stalled.reason) from None
    seconds = clock.monotonic() - started
    for name, stream in streams.items():
        shards = {shard: str(number) for shard, number in sender.last.get(name, {}).items()}
        end = {"ended_at": clock.now(), "last": shards}
        objects.put(replay_end_key(stream), orjson.dumps(end, option=orjson.OPT_UTC_Z))
    return ReplayResult(dict(sender.sent), sender.retried, seconds, faults)


def _send(  # noqa: PLR0913, PLR0917  # what a replay consists of
    due: list[Outgoing], sender: Sender, streams: list[str], speed: Speed, clock: Clock, on_progress: Progress
) -> None:
    started = clock.monotonic()
    origin = due[0].due
    waiting: dict[str, list[Outgoing]] = {name: [] for name in streams}
    sent = 0
    for record in due:
        moment = started
        if speed.factor:
            moment += (record.due - origin).total_seconds() / speed.factor
        is_early = clock.monotonic() < moment - TICK_SECONDS
        if is_early or len(waiting[record.stream]) == MOST_RECORDS:
            sent += _flush(sender, waiting)
            on_progress(sent, len(due))
        while is_early and (left := moment - clock.monotonic()) > 0:
            clock.sleep(min(left, NAP_SECONDS))
            on_progress(sent, len(due))
        waiting[record.stream].append(record)
    sent += _flush(sender, waiting)
    on_progress(sent, len(due))


def _streams(kinesis: Kinesis) -> dict[str, StreamIdentity]:
    return {name: stream_identity(kinesis, name) for name in (FLIGHT_EVENTS_STREAM, WEATHER_STREAM)}


def _flush(sender: Sender, waiting: dict[str, list[Outgoing]]) -> int:
    count = 0
    for stream, queue in waiting.items():
        if queue:
            sender.send(stream, queue)
            count += len(queue)
            waiting[stream] = []
    return count


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
