"""Checkpoints: how far each shard is committed, and who may commit it.

Whoever claims a shard raises its epoch. A commit is one conditional write, on the position it starts from and
on the epoch: that write is the fence and the commit, and an earlier owner's fails.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Protocol, cast

from contracts.errors import ShardError
from contracts.positions import ResumeAfter, ShardRange, StreamIdentity
from pipelines.driver.start import FROM_THE_START, Start, StartType
from runtime.aws import client
from runtime.settings import Settings

_START = "start"
"""In the place of a shard's identifier: where the stream begins."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What whoever claims a shard is told.

    Attributes:
        after: Where the shard stands.
        epoch: Under which it may be committed.
        is_drained: Whether the shard has ended, and all of it is committed.
    """

    after: ResumeAfter
    epoch: int
    is_drained: bool = False


class ShardLostError(ShardError):
    """Another driver has claimed the shard since; it goes on from the same plans, and nothing is lost."""

    def __str__(self) -> str:
        """Say what happened, and that no harm was done."""
        return (
            f"another stream has taken over `{self.stream}`, `{self.shard_id}`; this one stops, "
            "and nothing is lost or counted twice"
        )


class Checkpoints(Protocol):
    """The table of checkpoints."""

    def begin(self, stream: StreamIdentity, start: Start) -> Start:
        """Keep where a stream begins, unless that is kept already; return what holds."""

    def claim(self, stream: StreamIdentity, shard_id: str, start: Start = FROM_THE_START) -> Claim:
        """Take a shard over, whoever has it, and return where it stands and the new epoch.

        Args:
            stream: The shard's.
            shard_id: The shard.
            start: Where it stands while nothing of it is committed.
        """

    def commit(self, shard_range: ShardRange, epoch: int) -> None:
        """Move a shard from the start of a range to its end.

        Raises:
            ShardLostError: The shard has another epoch, or stands elsewhere than at the range's start.
        """

    def drain(self, stream: StreamIdentity, shard_id: str, claim: Claim) -> None:
        """Note that a shard has ended where it stands, so that its children may begin.

        Raises:
            ShardLostError: The shard has another epoch, or stands elsewhere.
        """


class DynamoCheckpoints:
    """Checkpoints in a DynamoDB table with the keys `stream` and `shard_id`.

    **Delivery**: a commit takes effect once or not at all. **On failure**: botocore retries; a retried commit
    that had taken effect already is found to stand at the range's end, under our epoch, and is accepted.
    """

    def __init__(self, settings: Settings) -> None:
        """Take the table that `settings` names."""
        self._settings = settings

    @cached_property
    def _dynamodb(self) -> Any:
        return client("dynamodb", self._settings)

    def begin(self, stream: StreamIdentity, start: Start) -> Start:
        """See `Checkpoints.begin`."""
        key = _key(stream, _START)
        item = key | {"type": {"S": start.type}}
        if start.since is not None:
            item["since"] = {"N": str(start.since)}
        table = self._settings.checkpoints
        try:
            self._dynamodb.put_item(
                TableName=table, Item=item, ConditionExpression="attribute_not_exists(shard_id)"
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            item = self._dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]
        since = int(item["since"]["N"]) if "since" in item else None
        return Start(cast("StartType", item["type"]["S"]), since)

    def claim(self, stream: StreamIdentity, shard_id: str, start: Start = FROM_THE_START) -> Claim:
        """See `Checkpoints.claim`."""
        item = self._dynamodb.update_item(
            TableName=self._settings.checkpoints,
            Key=_key(stream, shard_id),
            UpdateExpression="ADD epoch :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
            ReturnValues="ALL_NEW",
        )["Attributes"]
        after = _committed(item) or start.position
        return Claim(after, int(item["epoch"]["N"]), "drained" in item)

    def commit(self, shard_range: ShardRange, epoch: int) -> None:
        """See `Checkpoints.commit`."""
        values = {":last": {"S": str(shard_range.last)}}
        try:
            self._update(
                shard_range.stream,
                shard_range.shard_id,
                shard_range.after,
                epoch,
                "committed = :last",
                values,
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            if not self._is_committed(shard_range, epoch):
                raise ShardLostError(shard_range.stream.name, shard_range.shard_id) from None

    def drain(self, stream: StreamIdentity, shard_id: str, claim: Claim) -> None:
        """See `Checkpoints.drain`."""
        values = {":yes": {"BOOL": True}}
        try:
            self._update(stream, shard_id, claim.after, claim.epoch, "drained = :yes", values)
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            raise ShardLostError(stream.name, shard_id) from None

    def _update(  # noqa: PLR0913, PLR0917  # a conditional write has so many parts
        self,
        stream: StreamIdentity,
        shard_id: str,
        after: ResumeAfter,
        epoch: int,
        change: str,
        values: dict[str, Any],
    ) -> None:
        """Change a shard's item, if it has this epoch and stands at this position."""
        at_start = "attribute_not_exists(committed)"
        values = values | {":epoch": {"N": str(epoch)}}
        if after.sequence_number is not None:
            at_start = "committed = :after"
            values[":after"] = {"S": str(after.sequence_number)}
        self._dynamodb.update_item(
            TableName=self._settings.checkpoints,
            Key=_key(stream, shard_id),
            UpdateExpression=f"SET {change}",
            ConditionExpression=f"epoch = :epoch AND {at_start}",
            ExpressionAttributeValues=values,
        )

    def _is_committed(self, shard_range: ShardRange, epoch: int) -> bool:
        item = self._dynamodb.get_item(
            TableName=self._settings.checkpoints,
            Key=_key(shard_range.stream, shard_range.shard_id),
            ConsistentRead=True,
        )["Item"]
        return int(item["epoch"]["N"]) == epoch and _committed(item) == ResumeAfter(shard_range.last)


class MemoryCheckpoints:
    """The twin in memory: one table a name, shared by everyone in the process who names it."""

    _tables: ClassVar[dict[str, dict[tuple[StreamIdentity, str], Claim]]] = {}
    _starts: ClassVar[dict[tuple[str, StreamIdentity], Start]] = {}

    def __init__(self, name: str) -> None:
        """Take the table of that name."""
        self._name = name
        self._claims = self._tables.setdefault(name, {})

    def begin(self, stream: StreamIdentity, start: Start) -> Start:
        """See `Checkpoints.begin`."""
        return self._starts.setdefault((self._name, stream), start)

    def claim(self, stream: StreamIdentity, shard_id: str, start: Start = FROM_THE_START) -> Claim:
        """See `Checkpoints.claim`."""
        before = self._claims.get((stream, shard_id), Claim(start.position, 0))
        self._claims[stream, shard_id] = claim = replace(before, epoch=before.epoch + 1)
        return claim

    def commit(self, shard_range: ShardRange, epoch: int) -> None:
        """See `Checkpoints.commit`."""
        shard = shard_range.stream, shard_range.shard_id
        if self._claims.get(shard) != Claim(shard_range.after, epoch):
            raise ShardLostError(shard_range.stream.name, shard_range.shard_id)
        self._claims[shard] = Claim(ResumeAfter(shard_range.last), epoch)

    def drain(self, stream: StreamIdentity, shard_id: str, claim: Claim) -> None:
        """See `Checkpoints.drain`."""
        if self._claims.get((stream, shard_id)) != claim:
            raise ShardLostError(stream.name, shard_id)
        self._claims[stream, shard_id] = replace(claim, is_drained=True)


def _key(stream: StreamIdentity, shard_id: str) -> dict[str, dict[str, str]]:
    return {"stream": {"S": stream.slug}, "shard_id": {"S": shard_id}}


def _committed(item: dict[str, Any]) -> ResumeAfter | None:
    return ResumeAfter(int(item["committed"]["S"])) if "committed" in item else None
