"""How update expressions add and subtract, and sort keys compare, in place of moto's way: as floats.

DynamoDB's numbers have 38 significant digits:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

from base64 import b64decode
from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType

_DIGITS = Context(prec=38)


def correct_numbers() -> None:
    """Put ours in place of moto's, once."""
    numbers: Any = DynamoType
    numbers.__add__ = _on_numbers(_DIGITS.add, DynamoType.__add__)
    numbers.__sub__ = _on_numbers(_DIGITS.subtract, DynamoType.__sub__)
    numbers.cast_value = property(_comparing(numbers.cast_value.fget))


def written(number: Decimal) -> str:
    """Write a number as DynamoDB answers it.

    >>> written(Decimal("1E-7")), written(Decimal("2.50")), written(Decimal("1E+3"))
    ('0.0000001', '2.5', '1000')
    """
    return format(number.normalize(_DIGITS), "f")


def _on_numbers(
    compute: Callable[[Decimal, Decimal], Decimal], otherwise: Callable[[Any, Any], Any]
) -> Callable[[Any, Any], Any]:
    def computed(left: Any, right: Any) -> Any:
        if left.type == right.type == "N":
            return DynamoType({"N": written(compute(Decimal(left.value), Decimal(right.value)))})
        return otherwise(left, right)

    return computed


def _comparing(otherwise: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Compare numbers to their last digit, and binaries by their bytes, not by their base64."""

    def compared(value: Any) -> Any:
        if value.type == "N":
            return Decimal(value.value)
        if value.type == "B":
            return b64decode(value.value) if isinstance(value.value, str) else bytes(value.value)
        return otherwise(value)

    return compared
