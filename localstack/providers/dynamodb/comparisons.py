"""How conditions compare, in place of moto's way.

moto compares Python values: numbers as floats, what is missing as None, which is equal to None; other types
end in a TypeError, and a size of nothing in a ValueError. DynamoDB compares values of one type, numbers to
their last digit, and whatever cannot be compared is false.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

import operator
from base64 import b64decode
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from moto.dynamodb import comparisons
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models.dynamo_type import DynamoType, Item

type Typed = tuple[str, Any]
"""A type of the API, and a value that compares with others of that type."""

_ORDERED = {"N", "S", "B"}


def correct_comparisons() -> None:
    """Put ours in place of moto's, once."""
    module: Any = comparisons
    for name, compare in (("OpEqual", _equal), ("OpNotEqual", _not_equal)):
        getattr(module, name).expr = _on_operands(compare)
    for name, is_so in (
        ("OpLessThan", operator.lt),
        ("OpLessThanOrEqual", operator.le),
        ("OpGreaterThan", operator.gt),
        ("OpGreaterThanOrEqual", operator.ge),
    ):
        getattr(module, name).expr = _on_operands(_ordered(is_so))
    module.FuncBetween.expr = _between
    module.FuncIn.expr = _in
    module.FuncContains.expr = _contains
    module.FuncBeginsWith.expr = _begins_with
    module.ConditionExpressionParser.parse = _parsing(module.ConditionExpressionParser.parse)


def _typed(operand: Any, item: Item | None) -> Typed | None:
    """Return the value of an operand; None where there is none."""
    if isinstance(operand, comparisons.FuncSize):
        found = _typed(operand.attr, item)
        return ("N", Decimal(len(found[1]))) if found and hasattr(found[1], "__len__") else None
    if isinstance(operand, comparisons.AttributePath):
        found = operand._get_attr(item)  # noqa: SLF001  # what moto's own way begins with
        return None if found is None else _plain(found.type, found.value)
    return _plain(operand.type, operand.value)


def _plain(kind: str, value: Any) -> Typed:
    match kind:
        case "N":
            return kind, Decimal(value)
        case "B":
            return kind, b64decode(value) if isinstance(value, str) else bytes(value)
        case "SS" | "NS" | "BS":
            return kind, frozenset(_plain(kind[0], each) for each in value)
        case "L":
            return kind, [_of_either(each) for each in value]
        case "M":
            return kind, {name: _of_either(each) for name, each in value.items()}
        case _:
            return kind, value


def _of_either(value: Any) -> Typed:
    if isinstance(value, DynamoType):
        return _plain(value.type, value.value)
    ((kind, content),) = value.items()
    return _plain(kind, content)


def _equal(left: Typed | None, right: Typed | None) -> bool:
    return left is not None and left == right


def _not_equal(left: Typed | None, right: Typed | None) -> bool:
    return not _equal(left, right)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Typed | None, Typed | None], bool]:
    def both(left: Typed | None, right: Typed | None) -> bool:
        if left is None or right is None or left[0] != right[0] or left[0] not in _ORDERED:
            return False
        return compare(left[1], right[1])

    return both


def _on_operands(compare: Callable[[Typed | None, Typed | None], bool]) -> Callable[[Any, Item | None], bool]:
    return lambda self, item: compare(_typed(self.lhs, item), _typed(self.rhs, item))


def _between(self: Any, item: Item | None) -> bool:
    value, at_most = _typed(self.attr, item), _ordered(operator.le)
    return at_most(_typed(self.start, item), value) and at_most(value, _typed(self.end, item))


def _in(self: Any, item: Item | None) -> bool:
    value = _typed(self.attr, item)
    return any(_equal(value, _typed(each, item)) for each in self.possible_values)


def _contains(self: Any, item: Item | None) -> bool:
    whole, part = _typed(self.attr, item), _typed(self.operand, item)
    if whole is None or part is None:
        return False
    kind, value = whole
    if kind in {"S", "B"}:
        return part[0] == kind and part[1] in value
    return kind in {"SS", "NS", "BS", "L"} and part in value


def _begins_with(self: Any, item: Item | None) -> bool:
    whole, start = _typed(self.attr, item), _typed(self.substr, item)
    if whole is None or start is None or whole[0] != start[0] or start[0] not in {"S", "B"}:
        return False
    return bool(whole[1].startswith(start[1]))


def _parsing(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Refuse what cannot be parsed as DynamoDB does, where moto ends in an error of its own."""

    def parsed(self: Any) -> Any:
        if self.condition_expression:  # moto knows no line ends; one that is blank is still no expression
            self.condition_expression = " ".join(self.condition_expression.split()) or " "
        try:
            return parse(self)
        except (AssertionError, IndexError, KeyError, TypeError, ValueError):
            raise MockValidationException("Invalid ConditionExpression: Syntax error") from None

    return parsed
