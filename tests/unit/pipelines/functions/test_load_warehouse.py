"""The function that loads: until nothing waits, and not into its own timeout."""

from typing import TYPE_CHECKING

from pipelines.functions.load_warehouse import LEFT_MILLIS, load_all
from warehouse.models.loader import LoadResult

if TYPE_CHECKING:
    from collections.abc import Iterator


class Loads:
    """A loader with so many loads before it."""

    def __init__(self, loads: int) -> None:
        """Each is of two batches."""
        self.left = loads

    def load_waiting(self) -> LoadResult:
        """See `Loader.load_waiting`."""
        if not self.left:
            return LoadResult(0, 0, 0, 0, 0)
        self.left -= 1
        return LoadResult(2, 10, 9, 1, 0)


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
    loads = Loads(2)
    assert load_all(loads, Running(300_000, 290_000, 280_000)) == {"batches": 4, "records": 20}


def test_it_stops_before_its_time_is_over() -> None:
    """The rest waits for the next invocation."""
    loads = Loads(3)
    assert load_all(loads, Running(300_000, LEFT_MILLIS)) == {"batches": 2, "records": 10}
    assert loads.left == 2
