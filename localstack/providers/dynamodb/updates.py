"""What an update names, for UPDATED_OLD and UPDATED_NEW.

moto compares the item before with the item after, so it leaves out what was set to the value that it had.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
"""

from typing import Any

from moto.dynamodb.parsing import ast_nodes, expressions

from localstack.providers.dynamodb.items import as_json
from localstack.providers.dynamodb.projections import Path, path_of, projected
from localstack.providers.dynamodb.writes import Touched

_SETTING = ("UpdateExpressionSetAction", "UpdateExpressionAddAction", "UpdateExpressionDeleteAction")
_REMOVING = "UpdateExpressionRemoveAction"


def updated(request: dict[str, Any], touched: Touched) -> dict[str, Any] | None:
    """Return the Attributes of UpdateItem's answer; None where ReturnValues asks for none.

    Args:
        request: Of UpdateItem.
        touched: Its item, which has been updated.
    """
    match request.get("ReturnValues"):
        case "UPDATED_OLD":
            return projected(as_json(touched.before) or {}, _paths(request, (*_SETTING, _REMOVING)))
        case "UPDATED_NEW":
            return projected(as_json(touched.now()) or {}, _paths(request, _SETTING))
        case _:
            return None


def _paths(request: dict[str, Any], kinds: tuple[str, ...]) -> list[Path]:
    """Return the paths that actions of these kinds change, each its action's first part."""
    nodes: Any = ast_nodes  # neither has types
    grammar: Any = expressions
    if not (expression := request.get("UpdateExpression")):
        return []
    tree = grammar.UpdateExpressionParser.make(expression.strip())
    found = tree.find_clauses([getattr(nodes, kind) for kind in kinds])
    names = request.get("ExpressionAttributeNames") or {}
    return [path_of(action.children[0].to_str(), names) for action in found]
