"""moto's items: as the API's JSON, and copied."""

from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item


def as_json(item: Item | None) -> dict[str, Any] | None:
    """Return an item's attributes in the API's JSON; what it holds is shared, not copied."""
    return None if item is None else {name: _value_as_json(value) for name, value in item.attrs.items()}


def copied(item: Item) -> Item:
    """Return an item that can be changed in place while the first stays as it is."""
    twin = Item(item.hash_key, item.range_key, {})
    twin.attrs.update({name: _value_copied(value) for name, value in item.attrs.items()})
    return twin


def key_types(key: dict[str, Any], names: list[str]) -> tuple[DynamoType, DynamoType | None]:
    """Return a key as moto looks items up by it."""
    hash_key, *rest = [DynamoType(key[name]) for name in names]
    return hash_key, rest[0] if rest else None


def _value_as_json(value: DynamoType) -> dict[str, Any]:
    content = value.value
    if value.type == "M":
        content = {name: _value_as_json(each) for name, each in content.items()}
    elif value.type == "L":
        content = [_value_as_json(each) for each in content]
    return {value.type: content}


def _value_copied(value: DynamoType) -> DynamoType:
    twin = DynamoType.__new__(DynamoType)
    twin.type = value.type
    content = value.value
    if value.type == "M":
        content = {name: _value_copied(each) for name, each in content.items()}
    elif value.type == "L":
        content = [_value_copied(each) for each in content]
    elif isinstance(content, list):
        content = list(content)
    twin.value = content
    return twin
