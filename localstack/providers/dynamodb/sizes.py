"""How large an item is, counted as DynamoDB counts it.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
Values are in the API's JSON: `{"S": "text"}`, binaries in base64.
"""

from collections.abc import Mapping
from decimal import Context
from typing import Any

type Item = Mapping[str, Mapping[str, Any]]

MAX_ITEM_BYTES = 400 * 1024
_CONTAINER_BYTES = 3
_ELEMENT_BYTES = 1
_EXACT = Context(prec=50)  # numbers have up to 38 digits; the default would round


def item_size(item: Item) -> int:
    """Return the bytes of all names and values.

    >>> item_size({"Message": {"S": "New item!"}, "Id": {"N": "101"}})
    21
    """
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: Mapping[str, Any]) -> int:  # noqa: PLR0911  # a table: one line a type
    """Return the bytes of one value, without its name.

    >>> value_size({"L": [{"BOOL": True}, {"M": {"a": {"NULL": True}}}]})
    12
    """
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return number_size(content)
        case "B":
            return _binary_size(content)
        case "SS":
            return sum(len(each.encode()) for each in content)
        case "NS":
            return sum(number_size(each) for each in content)
        case "BS":
            return sum(_binary_size(each) for each in content)
        case "L":
            return _CONTAINER_BYTES + sum(_ELEMENT_BYTES + value_size(each) for each in content)
        case "M":
            return _CONTAINER_BYTES + _ELEMENT_BYTES * len(content) + item_size(content)
        case _:  # NULL and BOOL
            return 1


def number_size(text: str) -> int:
    """Return the bytes of a number: one for two significant digits, and one.

    AWS says "approximately"; zero is taken to have no significant digit.

    >>> [number_size(text) for text in ("0", "7", "-101", "12.50", "1e20")]
    [1, 2, 3, 3, 2]
    """
    number = _EXACT.create_decimal(text)
    if not number:
        return 1
    digits = len(number.normalize(_EXACT).as_tuple().digits)
    return (digits + 1) // 2 + 1


def _binary_size(base64: str) -> int:
    return len(base64) // 4 * 3 - base64.count("=", -2)
