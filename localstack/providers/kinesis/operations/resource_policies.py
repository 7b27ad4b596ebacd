"""Resource policies of streams and consumers; policies.py says what they mean."""

from localstack.providers.kinesis import policies
from localstack.providers.kinesis.errors import not_found
from localstack.providers.kinesis.operations.tags import resource
from localstack.providers.kinesis.world import Answer, Caller, Request, World


def put_policy(world: World, caller: Caller, request: Request) -> Answer:
    """PutResourcePolicy."""
    stream, consumer = resource(world, caller, request["ResourceARN"], "PutResourcePolicy")
    policies.check(request["Policy"])
    (consumer or stream.settings).policy = request["Policy"]
    world.save(stream)
    return {}


def get_policy(world: World, caller: Caller, request: Request) -> Answer:
    """GetResourcePolicy."""
    stream, consumer = resource(world, caller, request["ResourceARN"], "GetResourcePolicy")
    policy = (consumer or stream.settings).policy
    if policy is None:
        raise not_found(f"No resource policy found for {request['ResourceARN']}.")
    return {"Policy": policy}


def delete_policy(world: World, caller: Caller, request: Request) -> Answer:
    """DeleteResourcePolicy."""
    stream, consumer = resource(world, caller, request["ResourceARN"], "DeleteResourcePolicy")
    (consumer or stream.settings).policy = None
    world.save(stream)
    return {}
