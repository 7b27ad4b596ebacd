"""GROUPING and GROUPING_ID: of which grouping set a row is.

Source: AWS, Amazon Redshift Database Developer Guide, "Aggregation extensions".
"""

from collections.abc import Callable

from warehouse.redshift.dialect.build import Typed, call, cast
from warehouse.redshift.dialect.calls import Call
from warehouse.redshift.dialect.compare import without_blanks
from warehouse.redshift.dialect.peers import is_padded
from warehouse.redshift.dialect.sql_types import INT4


def _grouping(call_: Call) -> Typed:
    """A bit for each expression, the last the lowest: whether the row is of all of its values."""
    call_.takes(1, 1 if call_.name == "grouping" else 31)
    keys = [without_blanks(each) if is_padded(each) else each.node for each in call_.all()]
    node = call("grouping", *keys)
    node.meta["aggregate"] = True
    return Typed(cast(node, INT4), INT4)


FUNCTIONS: dict[str, Callable[[Call], Typed]] = {"grouping": _grouping, "grouping_id": _grouping}
