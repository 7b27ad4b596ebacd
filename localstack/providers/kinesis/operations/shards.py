"""Shards: listed, split, merged, and scaled."""

from localstack.providers.kinesis import paging
from localstack.providers.kinesis.errors import invalid, limit_exceeded, not_valid
from localstack.providers.kinesis.operations.account import admit_shards
from localstack.providers.kinesis.shard import Shard, even_ranges
from localstack.providers.kinesis.stream import Stream
from localstack.providers.kinesis.world import Answer, Caller, Request, World

MOST_SHARDS = 10_000
_PAGE = 1000


def list_shards(world: World, caller: Caller, request: Request) -> Answer:
    """ListShards, with its six filters."""
    now = world.now()
    if "NextToken" in request:
        extra = {
            "StreamName",
            "StreamARN",
            "StreamCreationTimestamp",
            "ExclusiveStartShardId",
        } & request.keys()
        if extra:
            raise invalid(f"NextToken and {min(extra)} cannot be provided together.")
        state = paging.read_token("ListShards", request["NextToken"], now)
        request = {**state["request"], "MaxResults": request.get("MaxResults", _PAGE)}
        after = state["after"]
    else:
        after = request.get("ExclusiveStartShardId")
    stream = world.find(caller, request, "ListShards")
    stream.check_created(request.get("StreamCreationTimestamp"))
    stream.trim(world.now_millis())
    shards, has_more = paging.page(
        _filtered(stream, request, world.now_millis()),
        min(request.get("MaxResults", _PAGE), _PAGE),
        after,
        lambda shard: shard.id,
    )
    answer: Answer = {"Shards": [shard.describe() for shard in shards]}
    if has_more:
        kept = {name: request[name] for name in ("StreamName", "StreamARN", "ShardFilter") if name in request}
        answer["NextToken"] = paging.token("ListShards", {"request": kept, "after": shards[-1].id}, now)
    return answer


def split_shard(world: World, caller: Caller, request: Request) -> Answer:
    """SplitShard."""
    stream = _provisioned(world, caller, request, "SplitShard")
    parent = _open_shard(stream, request["ShardToSplit"])
    key = int(request["NewStartingHashKey"])
    if not parent.low + 1 < key < parent.high:
        raise invalid(
            f"NewStartingHashKey {key} used in SplitShard() on shard {parent.id} in stream "
            f"{stream.identity.name} under account {stream.identity.account} is not both greater than one "
            f"plus the shard's StartingHashKey {parent.low} and less than the shard's EndingHashKey "
            f"{parent.high}."
        )
    admit_shards(world, caller, 1)
    stream.split(parent, key, world.now_millis())
    world.save(stream)
    return {}


def merge_shards(world: World, caller: Caller, request: Request) -> Answer:
    """MergeShards."""
    stream = _provisioned(world, caller, request, "MergeShards")
    parent = _open_shard(stream, request["ShardToMerge"])
    adjacent = _open_shard(stream, request["AdjacentShardToMerge"])
    if parent.high + 1 != adjacent.low and adjacent.high + 1 != parent.low:
        raise invalid(
            f"Shards {parent.id} and {adjacent.id} in stream {stream.identity.name} under account "
            f"{stream.identity.account} are not an adjacent pair of shards eligible for merging"
        )
    stream.merge(parent, adjacent, world.now_millis())
    world.save(stream)
    return {}


def update_shard_count(world: World, caller: Caller, request: Request) -> Answer:
    """UpdateShardCount: splits and merges until the open shards are of one size."""
    stream = _provisioned(world, caller, request, "UpdateShardCount")
    current, target = len(stream.open_shards), request["TargetShardCount"]
    if target > 2 * current or 2 * target < current:
        raise limit_exceeded(
            f"UpdateShardCount cannot go from {current} to {target} open shards: at most double, at least "
            "half."
        )
    if target > MOST_SHARDS:
        raise limit_exceeded(f"UpdateShardCount cannot go beyond {MOST_SHARDS} shards.")
    admit_shards(world, caller, target - current)
    _scale(stream, target, world.now_millis())
    world.save(stream)
    return {
        "StreamName": stream.identity.name,
        "StreamARN": stream.arn,
        "CurrentShardCount": current,
        "TargetShardCount": target,
    }


def _scale(stream: Stream, target: int, millis: int) -> None:
    """Cut every open shard at the target's boundaries, then merge what belongs together."""
    ranges = even_ranges(target)
    for low, _ in ranges:
        holder = next(shard for shard in stream.open_shards if shard.low <= low <= shard.high)
        if holder.low < low:
            stream.split(holder, low, millis)
    for low, high in ranges:
        pieces = [shard for shard in stream.open_shards if low <= shard.low and shard.high <= high]
        whole = pieces[0]
        for piece in pieces[1:]:
            whole = stream.merge(whole, piece, millis)


def _provisioned(world: World, caller: Caller, request: Request, action: str) -> Stream:
    stream = world.find(caller, request, action)
    if stream.settings.mode == "ON_DEMAND":
        raise not_valid(f"Operation {action} is not supported for a stream in ON_DEMAND mode.")
    return stream


def _open_shard(stream: Stream, wanted: str) -> Shard:
    shard = stream.shard(wanted)
    if not shard.is_open:
        raise invalid(
            f"Shard {shard.id} in stream {stream.identity.name} under account {stream.identity.account} has "
            "already been merged or split, and thus is not eligible for merging or splitting."
        )
    return shard


def _filtered(stream: Stream, request: Request, now_millis: int) -> list[Shard]:
    chosen = request.get("ShardFilter", {"Type": "FROM_TRIM_HORIZON"})
    kind = chosen["Type"]
    for name, kinds in (("ShardId", {"AFTER_SHARD_ID"}), ("Timestamp", {"AT_TIMESTAMP", "FROM_TIMESTAMP"})):
        if (name in chosen) != (kind in kinds):
            raise invalid(f"ShardFilter {kind} {'needs' if kind in kinds else 'takes no'} {name}.")
    shards = list(stream.shards.values())
    if kind == "AFTER_SHARD_ID":
        return [shard for shard in shards if shard.id > chosen["ShardId"]]
    if kind == "AT_LATEST":
        return [shard for shard in shards if shard.is_open]
    if kind == "FROM_TRIM_HORIZON":
        return shards
    millis = stream.horizon(now_millis) if kind == "AT_TRIM_HORIZON" else int(chosen["Timestamp"] * 1000)
    if millis > now_millis:
        raise invalid("The Timestamp of a ShardFilter must not be in the future.")
    millis = max(millis, stream.identity.created)  # before there were shards, the first ones stand for them
    if kind == "FROM_TIMESTAMP":
        return [shard for shard in shards if shard.closed_millis is None or shard.closed_millis > millis]
    return [shard for shard in shards if shard.was_open_at(millis)]
