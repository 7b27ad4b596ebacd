"""Parts of items, by document paths.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.Attributes.html
"""

import re
from collections.abc import Iterable, Mapping
from itertools import permutations
from typing import Any

from localstack.providers.dynamodb.errors import invalid

type Path = tuple[str | int, ...]
"""Names of attributes, and indexes within lists."""

_STEP = re.compile(r"[^.\[\]\s]+|\[\d+\]")


def path_of(text: str, names: Mapping[str, str]) -> Path:
    """Return a path as it is written in an expression.

    >>> path_of("board.#f[2]", {"#f": "flights.today"})
    ('board', 'flights.today', 2)
    """
    steps = _STEP.findall(text)
    return tuple(int(step[1:-1]) if step[0] == "[" else names.get(step, step) for step in steps)


def check_overlap(paths: Iterable[Path]) -> None:
    """Refuse paths of which one lies within another.

    Raises:
        DynamoDBError: ValidationException.
    """
    for one, two in permutations(paths, 2):
        if two[: len(one)] == one:
            one_path, two_path = (f"[{', '.join(map(str, path))}]" for path in (one, two))
            raise invalid(
                "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or "
                f"rewrite one of these paths; path one: {one_path}, path two: {two_path}"
            )


def projected(item: Mapping[str, Any], paths: Iterable[Path]) -> dict[str, Any]:
    """Return what an item has at the paths, in the API's JSON; elements of a list close up.

    >>> item = {"id": {"S": "a"}, "board": {"M": {"x": {"N": "1"}, "y": {"L": [{"N": "2"}, {"N": "3"}]}}}}
    >>> projected(item, [("board", "y", 1), ("other",)])
    {'board': {'M': {'y': {'L': [{'N': '3'}]}}}}
    """
    wanted: dict[str | int, Any] = {}
    for path in paths:
        node = wanted
        for step in path:
            node = node.setdefault(step, {})
    found = _part({"M": item}, wanted) if wanted else None
    return found["M"] if found else {}


def _part(value: Mapping[str, Any], wanted: dict[str | int, Any]) -> Any:
    """Return what is wanted of a value, all where nothing within it is named; None where it has nothing."""
    if not wanted:
        return value
    ((kind, content),) = value.items()
    if kind == "M":
        parts = {
            name: part
            for name, within in wanted.items()
            if name in content and (part := _part(content[name], within)) is not None
        }
        return {"M": parts} if parts else None
    if kind == "L":
        elements = [
            part
            for index, within in sorted(
                (each, within) for each, within in wanted.items() if type(each) is int
            )
            if index < len(content) and (part := _part(content[index], within)) is not None
        ]
        return {"L": elements} if elements else None
    return None
