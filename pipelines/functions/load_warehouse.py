"""Lambda load-warehouse: what waits in the lake into the warehouse.

It is invoked when a manifest is written, and each minute; whichever it was, it lists the manifests and loads
those that the ledger lacks. So a notification only makes it sooner, and one that is lost costs a minute.

**Parallelism**: one at a time, by reserved concurrency; two would do no harm. **Delivery**: exactly once a
manifest. **Order**: none needed. **On failure**: nothing of that load is in the warehouse, and the next
invocation begins there.
"""

from functools import cache
from typing import Any, Protocol

from runtime.objects import S3Objects
from runtime.settings import Settings
from runtime.warehouse import Warehouse
from warehouse.models.loader import Loader

LEFT_MILLIS = 60_000
"""No further load is begun with less time than this."""


class Context(Protocol):
    """What Lambda tells an invocation of itself."""

    def get_remaining_time_in_millis(self) -> int:
        """Return how long it may still take."""


def handler(_event: object, context: Context) -> dict[str, int]:
    """Load until nothing waits, or until the time is nearly over: the next invocation goes on."""
    return load_all(_loader(), context)


def load_all(loader: Any, context: Context) -> dict[str, int]:
    """Return what was loaded."""
    batches = records = 0
    while context.get_remaining_time_in_millis() > LEFT_MILLIS:
        result = loader.load_waiting()
        if not result.batches:
            break
        batches += result.batches
        records += result.records
    return {"batches": batches, "records": records}


@cache
def _loader() -> Loader:
    settings = Settings.from_env()
    return Loader(S3Objects(settings), Warehouse(settings), settings.lake)
