"""The function that loads: until nothing waits, and not into its own timeout."""

from typing import TYPE_CHECKING, Any

from pipelines.functions.load_warehouse import BEAT_SECONDS, LEFT_MILLIS, load_all
from tests.support.clock import HandClock
from warehouse.models.loader import MOST_BATCHES, LoadResult

if TYPE_CHECKING:
    from collections.abc import Iterator


class Loads:
    """A loader before which so many batches wait."""

    def __init__(self, batches: int) -> None:
        """Each is of five records."""
        self.left = batches
        self.rechecks = 0

    def recheck(self) -> None:
        """See `Loader.recheck`."""
        self.rechecks += 1

    def is_news(self, key: str, etag: str) -> bool:
        """See `Loader.is_news`."""
        return (key, etag) != ("manifests/known one.json", "0")

    def load_waiting(self) -> LoadResult:
        """See `Loader.load_waiting`."""
        batches = min(self.left, MOST_BATCHES)
        self.left -= batches
        return LoadResult(batches, 5 * batches, 4 * batches, batches, 0)


class Running:
    """An invocation whose time goes by with each look."""

    def __init__(self, *millis: int) -> None:
        """Have so much time left."""
        self._millis: Iterator[int] = iter(millis)

    def get_remaining_time_in_millis(self) -> int:
        """See `Context`."""
        return next(self._millis)


def test_it_loads_until_nothing_waits() -> None:
    """And says what it brought."""
    loads = Loads(MOST_BATCHES + 4)
    brought = {"batches": MOST_BATCHES + 4, "records": 5 * MOST_BATCHES + 20}
    assert load_all(loads, {}, Running(300_000, 290_000, 280_000), HandClock()) == brought


def test_loads_of_little_have_a_beat() -> None:
    """It looks again a second after the last load began; at once where a load could not take all."""
    clock = HandClock()
    load_all(Loads(2 * MOST_BATCHES + 1), {}, Running(300_000, 290_000, 280_000, 270_000), clock)
    assert clock.seconds == BEAT_SECONDS


def test_it_stops_before_its_time_is_over() -> None:
    """The rest waits for the next invocation."""
    loads = Loads(3 * MOST_BATCHES)
    load_all(loads, {}, Running(300_000, LEFT_MILLIS), HandClock())
    assert loads.left == 2 * MOST_BATCHES


def notification(*keys: str) -> dict[str, Any]:
    """What S3 says when objects are written; it quotes their keys."""
    return {"Records": [{"s3": {"object": {"key": key, "eTag": "0"}}} for key in keys]}


def test_each_minute_it_holds_what_it_knows_against_the_ledger() -> None:
    """And not at each notification: it is the whole ledger."""
    loads = Loads(0)
    load_all(loads, {}, Running(300_000), HandClock())
    load_all(loads, notification("manifests/new.json"), Running(300_000), HandClock())
    assert loads.rechecks == 1


def test_a_notification_of_what_is_loaded_looks_for_nothing() -> None:
    """An earlier invocation has brought it along."""
    loads = Loads(1)
    assert load_all(loads, notification("manifests/known+one.json"), Running(), HandClock()) == {
        "batches": 0,
        "records": 0,
    }
    assert loads.left == 1


def test_a_notification_of_anything_else_loads_all_that_waits() -> None:
    """Whatever else it names."""
    event = notification("manifests/known+one.json", "manifests/new.json")
    assert load_all(Loads(2), event, Running(300_000, 290_000), HandClock()) == {
        "batches": 2,
        "records": 10,
    }
