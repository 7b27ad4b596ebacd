"""The background's deletion of items that have expired.

AWS deletes them "within a few days"; here it is within seconds.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
"""

import logging
from functools import partial
from threading import Thread
from time import sleep

from moto.dynamodb.models.table import Table

from localstack.providers.dynamodb.stream import TTL_IDENTITY
from localstack.providers.dynamodb.ttl import sweep
from localstack.providers.dynamodb.world import Key, World
from localstack.providers.dynamodb.writes import Writes

_LOGGER = logging.getLogger(__name__)
PERIOD_SECONDS = 1.0
_MOST = 500
"""Items that are deleted before a request gets its turn."""


class Sweeper:
    """Sweeps once a second for as long as a table's items expire; no thread before that, and none after.

    The thread is a daemon's, and ends with the process.
    """

    def __init__(self, world: World) -> None:
        """Start nothing yet."""
        self._world = world
        self._thread: Thread | None = None

    def start(self) -> None:
        """See that it sweeps; the caller holds the world's lock."""
        if self._thread is None:
            self._thread = Thread(target=self._run, name="dynamodb-ttl", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            sleep(PERIOD_SECONDS)
            try:
                with self._world.lock:
                    if not self._sweep():
                        self._thread = None
                        return
            except Exception:  # or no table's items would expire any more
                _LOGGER.exception("items that have expired are not deleted")

    def _sweep(self) -> bool:
        """Delete what is due; return whether any table's items expire."""
        expiring = [
            (table, state.expiries)
            for table, state in self._world.states.items()
            if state.expiries is not None
        ]
        for table, expiries in expiring:
            sweep(expiries, self._world.now(), _MOST, partial(self._delete, table))
        return bool(expiring)

    def _delete(self, table: Table, key: Key) -> None:
        writes = Writes(self._world)
        names = table.table_key_attrs
        values = [{part.type: part.value} for part in key if part is not None]
        writes.touch(table, dict(zip(names, values, strict=True)))
        table.delete_item(*key)
        writes.commit(TTL_IDENTITY)
