"""Lambda load-warehouse: what waits in the lake into the warehouse.

It is invoked when a manifest is written, and each minute; whichever it was, it lists the manifests and loads
those that the ledger lacks or has otherwise. So a notification only makes it sooner, and one that is lost
costs a minute. One of what an earlier invocation has brought along ends at once: under load most are.

**Parallelism**: one at a time, by reserved concurrency; two would do no harm. **Delivery**: exactly once a
manifest. **Order**: none needed. **On failure**: nothing of that load is in the warehouse, and the next
invocation begins there.
"""

from functools import cache
from typing import Any, Protocol
from urllib.parse import unquote_plus

from runtime.clock import Clock, SystemClock
from runtime.objects import S3Objects
from runtime.settings import Settings
from runtime.warehouse import Warehouse
from warehouse.models.loader import MOST_BATCHES, Loader

LEFT_MILLIS = 60_000
"""No further load is begun with less time than this."""

BEAT_SECONDS = 1.0
"""From the start of a load to the next: each has fixed costs, and more would slow the stream they follow."""


class Context(Protocol):
    """What Lambda tells an invocation of itself."""

    def get_remaining_time_in_millis(self) -> int:
        """Return how long it may still take."""


def handler(event: dict[str, Any], context: Context) -> dict[str, int]:
    """Load until nothing waits, or until the time is nearly over: the next invocation goes on.

    What comes meanwhile is loaded, too: its own notification is throttled until this ends, and pauses longer
    each time.
    """
    return load_all(_loader(), event, context, SystemClock())


def load_all(loader: Any, event: dict[str, Any], context: Context, clock: Clock) -> dict[str, int]:
    """Return what was loaded."""
    batches = records = 0
    written = [each["s3"]["object"] for each in event.get("Records", ())]
    news = [each for each in written if loader.is_news(unquote_plus(each["key"]), each["eTag"])]
    if written and not news:
        return {"batches": 0, "records": 0}
    if not written:  # each minute
        loader.recheck()
    while context.get_remaining_time_in_millis() > LEFT_MILLIS:
        began = clock.monotonic()
        result = loader.load_waiting()
        if not result.batches:
            break
        batches += result.batches
        records += result.records
        if result.batches < MOST_BATCHES:
            clock.sleep(max(0.0, began + BEAT_SECONDS - clock.monotonic()))
    return {"batches": batches, "records": records}


@cache
def _loader() -> Loader:
    settings = Settings.from_env()
    return Loader(S3Objects(settings), Warehouse(settings), settings.lake)
