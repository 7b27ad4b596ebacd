"""What an account may have, and its settings."""

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
    commitment = world.accounts.get(_key(caller), {"Status": "DISABLED"})
    return {"MinimumThroughputBillingCommitment": commitment}


def update_settings(world: World, caller: Caller, request: Request) -> Answer:
    """UpdateAccountSettings: the commitment is kept and shown; nothing is billed here, so it ends at once."""
    status = request["MinimumThroughputBillingCommitment"]["Status"]
    before = world.accounts.get(_key(caller), {})
    commitment = {"Status": status}
    if status == "ENABLED":
        commitment["StartedAt"] = before.get("StartedAt", world.now())
    elif before.get("Status") == "ENABLED":
        commitment |= {"StartedAt": before["StartedAt"], "EndedAt": world.now()}
    world.accounts[_key(caller)] = commitment
    world.save_accounts()
    return {"MinimumThroughputBillingCommitment": commitment}


def _key(caller: Caller) -> str:
    return f"{caller.account}/{caller.region}"
