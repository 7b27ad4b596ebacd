"""One request's writes: taken back where it fails; measured, recorded and noted where it succeeds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table

from localstack.providers.dynamodb.errors import invalid
from localstack.providers.dynamodb.images import is_same
from localstack.providers.dynamodb.items import as_json, copied, key_types
from localstack.providers.dynamodb.sizes import MAX_ITEM_BYTES, item_size
from localstack.providers.dynamodb.world import Key, World

PUT_TOO_LARGE = "Item size has exceeded the maximum allowed size"
OTHER_KEY = "The provided key element does not match the schema"
UPDATE_TOO_LARGE = "Item size to update has exceeded the maximum allowed size"


@dataclass(frozen=True, slots=True)
class Touched:
    """An item that a request may write.

    Attributes:
        table: Its table.
        key: Its key.
        before: The item before; None where there was none.
    """

    table: Table
    key: Key
    before: Item | None

    def now(self) -> Item | None:
        """Return the item as it is."""
        found: Item | None = self.table.get_item(*self.key)
        return found


class Writes:
    """The items that one request may write, each touched before moto is asked to.

    The cost is that of the items, whatever the table's size. Its owner holds the world's lock.
    """

    def __init__(self, world: World) -> None:
        """Touch nothing yet."""
        self._world = world
        self._touched: list[Touched] = []

    def touch(
        self, table: Table, key: dict[str, Any], *, is_changed_in_place: bool = False
    ) -> Touched | None:
        """Remember an item; of a key that is none of the table's there is nothing to remember."""
        if not is_key(table, key):
            return None
        found = key_types(key, table.table_key_attrs)
        touched = Touched(table, found, table.get_item(*found))
        self._touched.append(touched)
        if is_changed_in_place and touched.before is not None:
            _place(touched, copied(touched.before))
        return touched

    def roll_back(self) -> None:
        """Put every item back as it was."""
        for touched in reversed(self._touched):
            _place(touched, touched.before)

    def check_sizes(self, message: str) -> None:
        """Refuse what was written and is too large.

        Raises:
            DynamoDBError: ValidationException.
        """
        for touched in self._touched:
            if size_of(touched) > MAX_ITEM_BYTES:
                raise invalid(message)

    def commit(self, identity: Mapping[str, str] | None = None) -> None:
        """Record in the streams what has changed, and when the items expire."""
        now = self._world.now()
        for touched in self._touched:
            after = touched.now()
            if after is None:
                _place(touched, None)
            state = self._world.states.get(touched.table)
            if state is None or (state.stream is None and state.expiries is None):
                continue
            old, new = as_json(touched.before), as_json(after)
            if is_same(old, new):
                _place(touched, touched.before)
            elif state.stream:
                state.stream.append(old, new, now, identity)
            if state.expiries is not None:
                state.expiries.note(touched.key, new, now)


def is_key(table: Table, key: dict[str, Any]) -> bool:
    """Return whether a key, or an item, has the attributes of a table's key with their types."""
    types = {table.hash_key_attr: table.hash_key_type, table.range_key_attr: table.range_key_type}
    return all(list(key.get(name, ())) == [types[name]] for name in table.table_key_attrs)


def is_whole_key(table: Table, key: dict[str, Any]) -> bool:
    """Return whether a key has the attributes of a table's key with their types, and no others."""
    return len(key) == len(table.table_key_attrs) and is_key(table, key)


def size_of(touched: Touched) -> int:
    """Return the bytes of an item as it is, 0 where there is none."""
    return item_size(as_json(touched.now()) or {})


def _place(touched: Touched, item: Item | None) -> None:
    table: Any = touched.table  # what its items are depends on whether it has a range key
    hash_key, range_key = touched.key
    if range_key is None:
        if item is not None:
            table.items[hash_key] = item
        else:
            table.items.pop(hash_key, None)
    elif item is not None:
        table.items[hash_key][range_key] = item
    else:
        table.items[hash_key].pop(range_key, None)
        if not table.items[hash_key]:  # moto keeps the empty partition for ever
            del table.items[hash_key]
