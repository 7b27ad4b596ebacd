"""What an account may have, and its settings."""

from localstack.providers.kinesis.errors import limit_exceeded
from localstack.providers.kinesis.world import Answer, Caller, Request, World

# https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html: us-east-1 and us-west-2.
SHARD_LIMIT = 20_000
ON_DEMAND_STREAM_LIMIT = 50


def usage(world: World, caller: Caller) -> tuple[int, int]:
    """Return how many open shards in PROVISIONED mode and how many ON_DEMAND streams a caller has."""
    streams = world.streams_of(caller)
    provisioned = (stream for stream in streams if stream.settings.mode == "PROVISIONED")
    on_demand = sum(stream.settings.mode == "ON_DEMAND" for stream in streams)
    return sum(len(stream.open_shards) for stream in provisioned), on_demand


def admit_shards(world: World, caller: Caller, more: int) -> None:
    """Refuse more open shards than the account may have.

    Raises:
        KinesisError: LimitExceededException.
    """
    shards, _ = usage(world, caller)
    if more > 0 and shards + more > SHARD_LIMIT:
        raise limit_exceeded(
            f"This request would exceed the shard limit for the account {caller.account} in {caller.region}. "
            f"Current shard count for the account: {shards}. Limit: {SHARD_LIMIT}."
        )


def admit_on_demand(world: World, caller: Caller) -> None:
    """Refuse one more stream in ON_DEMAND mode than the account may have.

    Raises:
        KinesisError: LimitExceededException.
    """
    _, on_demand = usage(world, caller)
    if on_demand >= ON_DEMAND_STREAM_LIMIT:
        raise limit_exceeded(f"An account can have {ON_DEMAND_STREAM_LIMIT} streams in ON_DEMAND mode.")


def describe_limits(world: World, caller: Caller, _request: Request) -> Answer:
    """DescribeLimits."""
    shards, on_demand = usage(world, caller)
    return {
        "ShardLimit": SHARD_LIMIT,
        "OpenShardCount": shards,
        "OnDemandStreamCount": on_demand,
        "OnDemandStreamCountLimit": ON_DEMAND_STREAM_LIMIT,
    }


def describe_settings(world: World, caller: Caller, _request: Request) -> Answer:
    """DescribeAccountSettings."""
    commitment = _commitment(world, caller)
    return {"MinimumThroughputBillingCommitment": commitment}


def update_settings(world: World, caller: Caller, request: Request) -> Answer:
    """UpdateAccountSettings: the commitment is kept and shown; nothing is billed here, so it ends at once."""
    status = request["MinimumThroughputBillingCommitment"]["Status"]
    before = _commitment(world, caller)
    commitment = {"Status": status}
    if status == "ENABLED":
        commitment["StartedAt"] = before.get("StartedAt", world.now())
    elif before["Status"] == "ENABLED":
        commitment |= {"StartedAt": before["StartedAt"], "EndedAt": world.now()}
    world.save_account(caller, commitment)
    return {"MinimumThroughputBillingCommitment": commitment}


def _commitment(world: World, caller: Caller) -> Answer:
    return dict(world.accounts.get(f"{caller.account}/{caller.region}", {"Status": "DISABLED"}))
