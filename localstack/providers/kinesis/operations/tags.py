"""Tags of streams and consumers; those that begin with `millrace:` are switches (switches.py)."""

from localstack.providers.kinesis import paging
from localstack.providers.kinesis.stream import Consumer, Stream, check_tags
from localstack.providers.kinesis.world import Answer, Caller, Request, World

_PAGE = 50


def add_tags(world: World, caller: Caller, request: Request) -> Answer:
    """AddTagsToStream."""
    stream = world.find(caller, request, "AddTagsToStream")
    return _set(world, stream, stream.settings.tags | request["Tags"])


def remove_tags(world: World, caller: Caller, request: Request) -> Answer:
    """RemoveTagsFromStream."""
    stream = world.find(caller, request, "RemoveTagsFromStream")
    return _set(world, stream, _without(stream.settings.tags, request["TagKeys"]))


def list_tags(world: World, caller: Caller, request: Request) -> Answer:
    """ListTagsForStream."""
    stream = world.find(caller, request, "ListTagsForStream")
    tags, has_more = paging.page(
        sorted(stream.settings.tags.items()),
        request.get("Limit", _PAGE),
        request.get("ExclusiveStartTagKey"),
        lambda tag: tag[0],
    )
    return {"Tags": _listed(dict(tags)), "HasMoreTags": has_more}


def tag_resource(world: World, caller: Caller, request: Request) -> Answer:
    """TagResource."""
    stream, consumer = resource(world, caller, request["ResourceARN"], "TagResource")
    if consumer:
        tags = consumer.tags | request["Tags"]
        check_tags(tags)
        consumer.tags = tags
        world.save(stream)
        return {}
    return _set(world, stream, stream.settings.tags | request["Tags"])


def untag_resource(world: World, caller: Caller, request: Request) -> Answer:
    """UntagResource."""
    stream, consumer = resource(world, caller, request["ResourceARN"], "UntagResource")
    if consumer:
        consumer.tags = _without(consumer.tags, request["TagKeys"])
        world.save(stream)
        return {}
    return _set(world, stream, _without(stream.settings.tags, request["TagKeys"]))


def list_resource_tags(world: World, caller: Caller, request: Request) -> Answer:
    """ListTagsForResource."""
    stream, consumer = resource(world, caller, request["ResourceARN"], "ListTagsForResource")
    return {"Tags": _listed(consumer.tags if consumer else stream.settings.tags)}


def resource(world: World, caller: Caller, arn: str, action: str) -> tuple[Stream, Consumer | None]:
    """Return the stream of an ARN, or the consumer and its stream.

    Raises:
        KinesisError: ResourceNotFoundException, AccessDeniedException.
    """
    if "/consumer/" in arn:
        return world.consumer_of(caller, arn, action)
    return world.of_arn(caller, arn, action), None


def _set(world: World, stream: Stream, tags: dict[str, str]) -> Answer:
    stream.set_tags(tags)
    world.save(stream)
    return {}


def _without(tags: dict[str, str], keys: list[str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if key not in keys}


def _listed(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
