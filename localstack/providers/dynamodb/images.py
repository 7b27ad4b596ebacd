"""What a change looks like in a stream: its name, its images by view type, its size.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from localstack.providers.dynamodb.sizes import Item, item_size

VIEW_TYPES = ("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")
_WITH_NEW = ("NEW_IMAGE", "NEW_AND_OLD_IMAGES")
_WITH_OLD = ("OLD_IMAGE", "NEW_AND_OLD_IMAGES")


def is_same(old: Item | None, new: Item | None) -> bool:
    """Tell whether two items hold the same: sets have no order, and 1.0 is 1.

    A write that changes nothing leaves no record in the stream.
    """
    if old is None or new is None:
        return old is new
    return old == new or (
        old.keys() == new.keys()
        and all(_canonical(value) == _canonical(new[name]) for name, value in old.items())
    )


def event_name(old: Item | None, new: Item | None) -> str:
    """Return what became of the item."""
    if old is None:
        return "INSERT"
    return "REMOVE" if new is None else "MODIFY"


def stream_record(view: str, key_names: list[str], old: Item | None, new: Item | None) -> dict[str, Any]:
    """Return the members of a StreamRecord that the change and the view type decide.

    SizeBytes is the size of all that the record holds of the item: keys and images.

    >>> new = {"Id": {"N": "101"}, "Message": {"S": "New item!"}}
    >>> stream_record("NEW_AND_OLD_IMAGES", ["Id"], None, new)["SizeBytes"]  # of AWS's example event
    26
    """
    item = old if new is None else new
    record: dict[str, Any] = {"Keys": {name: (item or {})[name] for name in key_names}}
    if new is not None and view in _WITH_NEW:
        record["NewImage"] = new
    if old is not None and view in _WITH_OLD:
        record["OldImage"] = old
    size = sum(item_size(part) for part in record.values())
    return record | {"SizeBytes": size, "StreamViewType": view}


def _canonical(value: Mapping[str, Any]) -> Any:
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return kind, Decimal(content)
        case "NS":
            return kind, frozenset(map(Decimal, content))
        case "SS" | "BS":
            return kind, frozenset(content)
        case "L":
            return kind, [_canonical(each) for each in content]
        case "M":
            return kind, {name: _canonical(each) for name, each in content.items()}
        case _:
            return kind, content
