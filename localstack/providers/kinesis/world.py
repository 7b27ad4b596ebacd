"""All streams of all accounts and regions, on disk and in memory."""

import logging
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Condition
from typing import Any

import orjson

from localstack.providers.kinesis import policies
from localstack.providers.kinesis.disk import Disk
from localstack.providers.kinesis.errors import denied, internal, invalid, not_found
from localstack.providers.kinesis.stream import Consumer, Identity, Settings, Stream

_KEPT = "stream.json"
_OURS = re.compile(r"[0-9a-f]{16}")
_CONSUMER_ARN = re.compile(
    r"(?P<stream>arn:aws:kinesis:(?P<region>[^:]+):(?P<account>\d{12}):stream/(?P<name>[^/:]+))"
    r"/consumer/(?P<consumer>[^/:]+):(?P<created>\d+)"
)
_LOGGER = logging.getLogger(__name__)

type Request = dict[str, Any]
type Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: account and region of the request's signature."""

    account: str
    region: str


class World:
    """The engine's state.

    `changed` is its one lock; it is notified when records arrive, shards close, or a stream goes.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        fsync: bool = False,
    ) -> None:
        """Open what lies in `folder`."""
        self._folder = folder
        self._clock = clock
        self.sleep = sleep
        self.disk = Disk(fsync=fsync)
        self.changed = Condition()
        self.subscriptions: dict[tuple[str, str], Any] = {}
        self._streams: dict[tuple[str, str, str], Stream] = {}
        self._by_id: dict[str, Stream] = {}
        self._accounts = folder / "accounts.json"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for stream in _load(folder, self.disk):
            self._keep(stream)
        self.accounts: dict[str, Any] = _read(self._accounts) or {}
        self._last_millis = max((stream.last_millis() for stream in self._by_id.values()), default=0)

    def now(self) -> float:
        """Return the time in seconds since 1970."""
        return self._clock()

    def now_millis(self) -> int:
        """Return the time in milliseconds; it never goes back, be it the clock does."""
        self._last_millis = max(self._last_millis, int(self._clock() * 1000))
        return self._last_millis

    def streams_of(self, caller: Caller) -> list[Stream]:
        """Return a caller's streams by name."""
        mine = (stream for key, stream in self._streams.items() if key[:2] == (caller.account, caller.region))
        return sorted(mine, key=lambda stream: stream.identity.name)

    def has(self, caller: Caller, name: str) -> bool:
        """Return whether a caller has a stream of that name."""
        return (caller.account, caller.region, name) in self._streams

    def find(self, caller: Caller, request: Request, action: str) -> Stream:
        """Return the stream that a request names, by name or by ARN.

        Raises:
            KinesisError: ResourceNotFoundException; InvalidArgumentException where neither is given or both
                differ; AccessDeniedException for another account's stream whose policy does not allow the
                action.
        """
        name, arn = request.get("StreamName"), request.get("StreamARN")
        if arn is None:
            if name is None:
                raise invalid("Either StreamName or StreamARN must be given.")
            arn = f"arn:aws:kinesis:{caller.region}:{caller.account}:stream/{name}"
        elif name is not None and arn.rpartition("/")[2] != name:
            raise invalid(f"StreamName {name} does not match StreamARN {arn}.")
        return self.of_arn(caller, arn, action)

    def of_arn(self, caller: Caller, arn: str, action: str) -> Stream:
        """Return the stream of an ARN."""
        _, _, _, region, account, resource = arn.split(":", 5)
        name = resource.removeprefix("stream/")
        stream = self._streams.get((account, region, name)) if region == caller.region else None
        if stream is None:
            raise not_found(f"Stream {name} under account {account} not found.")
        self.authorize(caller, stream, stream.settings.policy, stream.arn, action)
        return stream

    def of_id(self, caller: Caller, stream_id: str, name: str, action: str) -> Stream:
        """Return the stream of an id that an iterator carries."""
        stream = self._by_id.get(stream_id)
        if stream is None or stream.identity.region != caller.region:
            raise not_found(f"Stream {name} under account {caller.account} not found.")
        self.authorize(caller, stream, stream.settings.policy, stream.arn, action)
        return stream

    def consumer_of(self, caller: Caller, arn: str, action: str) -> tuple[Stream, Consumer]:
        """Return the consumer of an ARN, and its stream.

        Raises:
            KinesisError: ResourceNotFoundException, AccessDeniedException.
        """
        parts = _CONSUMER_ARN.fullmatch(arn)
        if parts is None or parts["region"] != caller.region:
            raise not_found(f"Consumer {arn} not found.")
        stream = self._streams.get((parts["account"], parts["region"], parts["name"]))
        consumer = stream.consumers.get(parts["consumer"]) if stream else None
        if stream is None or consumer is None or str(consumer.created // 1000) != parts["created"]:
            raise not_found(f"Consumer {arn} not found.")
        self.authorize(caller, stream, consumer.policy, arn, action)
        return stream, consumer

    def authorize(
        self, caller: Caller, stream: Stream, policy: str | None, resource: str, action: str
    ) -> None:
        """Refuse another account what the resource's policy does not allow it.

        Raises:
            KinesisError: AccessDeniedException.
        """
        if caller.account == stream.identity.account or policies.allows(
            policy, caller.account, action, resource
        ):
            return
        user = f"arn:aws:iam::{caller.account}:root"
        raise denied(
            f"User: {user} is not authorized to perform: kinesis:{action} on resource: {resource} because no "
            f"resource-based policy allows the kinesis:{action} action"
        )

    def create(self, caller: Caller, name: str, settings: Settings) -> Stream:
        """Make a stream without shards; it is kept by `save`."""
        identity = Identity(
            caller.account, caller.region, name, created=self.now_millis(), id=secrets.token_hex(8)
        )
        return Stream(identity, self._folder / identity.id, self.disk, settings)

    def save(self, stream: Stream) -> None:
        """Write a stream's settings and shards, and list it.

        Raises:
            KinesisError: InternalFailureException, they could not be written; memory is as the disk then.
        """
        kept = stream.folder / _KEPT
        try:
            self.disk.make_folder(stream.folder)
            self.disk.replace(kept, orjson.dumps(stream.to_json()))
        except OSError as error:
            if kept.exists():
                self._keep(Stream.from_json(_read(kept), stream.folder, self.disk))
            raise internal(f"the stream could not be written: {error.strerror}") from error
        self._keep(stream)
        self.changed.notify_all()

    def save_account(self, caller: Caller, settings: Answer) -> None:
        """Write the settings of an account.

        Raises:
            KinesisError: InternalFailureException, they could not be written, and are as they were.
        """
        accounts = self.accounts | {f"{caller.account}/{caller.region}": settings}
        try:
            self.disk.replace(self._accounts, orjson.dumps(accounts))
        except OSError as error:
            raise internal(f"the account could not be written: {error.strerror}") from error
        self.accounts = accounts

    def delete(self, stream: Stream) -> None:
        """Forget a stream and its records."""
        me = stream.identity
        self.disk.remove(stream.folder / _KEPT)  # from here on it is gone, be the rest deleted or not
        del self._streams[me.account, me.region, me.name]
        del self._by_id[me.id]
        self.subscriptions = {
            key: each for key, each in self.subscriptions.items() if not key[0].startswith(f"{stream.arn}/")
        }
        shutil.rmtree(stream.folder, ignore_errors=True)
        self.changed.notify_all()

    def is_there(self, stream: Stream) -> bool:
        """Return whether a stream has not been deleted."""
        return self._by_id.get(stream.identity.id) is stream

    def current(self, stream: Stream) -> Stream:
        """Return a stream as it is now: while its lock was free it may have been changed or deleted.

        Raises:
            KinesisError: ResourceNotFoundException.
        """
        me = stream.identity
        if me.id not in self._by_id:
            raise not_found(f"Stream {me.name} under account {me.account} not found.")
        return self._by_id[me.id]

    def _keep(self, stream: Stream) -> None:
        me = stream.identity
        self._streams[me.account, me.region, me.name] = stream
        self._by_id[me.id] = stream


def _load(folder: Path, disk: Disk) -> Iterator[Stream]:
    for path in sorted(folder.iterdir()):
        if not _OURS.fullmatch(path.name):
            continue
        if not (path / _KEPT).exists():  # a stream that a killed process was deleting
            shutil.rmtree(path, ignore_errors=True)
        elif kept := _read(path / _KEPT):
            yield Stream.from_json(kept, path, disk)


def _read(path: Path) -> Any:
    """Return a file's JSON; None where it is missing or broken, which is said and left as it lies."""
    try:
        return orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except orjson.JSONDecodeError as error:
        _LOGGER.error("%s is broken and is left out: %s", path, error)  # noqa: TRY400  # its place is all there is to know
        return None


def consumer_arn(stream: Stream, consumer: Consumer) -> str:
    """Return a ConsumerARN."""
    return f"{stream.arn}/consumer/{consumer.name}:{consumer.created // 1000}"
