"""What moto does not let one choose, patched: six places here, its comparisons and its arithmetic beside.

Its items count their size anew with every attribute, by a rule of its own and up to 405,000 bytes; sizes.py
counts instead. Its queries look at every item of the table; ours look at the partition they name. It refuses
to read more than 25 items in a transaction; AWS allows 100. It fails to write binaries within maps as
JSON where a condition fails. It adds a tag to the tag that already has its key. It fails
at an update without an expression, which makes an item of its key; AttributeUpdates are refused before.
"""

import copy
from collections import defaultdict
from typing import Any

from moto.dynamodb import responses
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import Item, LimitedSizeDict
from moto.dynamodb.models.table import Table

from localstack.providers.dynamodb.comparisons import correct_comparisons
from localstack.providers.dynamodb.items import as_json
from localstack.providers.dynamodb.numbers import correct_numbers

_MAX_ACTIONS = 100
_INDEX_NAME = 6  # among the arguments of Table.query behind the first, as the backend passes them


def correct_moto() -> None:
    """Put ours in place of moto's, once."""
    if "__setitem__" not in vars(LimitedSizeDict):
        return
    correct_comparisons()
    correct_numbers()
    del LimitedSizeDict.__setitem__
    responses.TRANSACTION_MAX_ITEMS = _MAX_ACTIONS
    query_all: Any = Table.query

    def query(table: Table, hash_key: Any, *arguments: Any, **named: Any) -> Any:
        if arguments[_INDEX_NAME]:
            return query_all(table, hash_key, *arguments, **named)
        partition = copy.copy(table)
        partition.items = defaultdict(dict)
        if hash_key in table.items:
            partition.items[hash_key] = table.items[hash_key]
        return query_all(partition, hash_key, *arguments, **named)

    def to_json(item: Item, root_attr_name: str = "Attributes") -> dict[str, Any]:
        return {root_attr_name: as_json(item)}

    add_tags: Any = DynamoDBBackend.tag_resource

    def tag_resource(tables: DynamoDBBackend, table_arn: str, tags: list[dict[str, str]]) -> None:
        tables.untag_resource(table_arn, [tag["Key"] for tag in tags])
        add_tags(tables, table_arn, tags)

    backend_class: Any = DynamoDBBackend
    backend_class.tag_resource = tag_resource
    table_class: Any = Table
    table_class.query = query
    item_class: Any = Item
    item_class.to_json = to_json
    item_class.update_with_attribute_updates = lambda _item, _updates: None
