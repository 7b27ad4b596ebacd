"""How much is asked of every stage and peer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of one run.

    A peer that takes long is asked for fewer events, at whose rate it is taken to stay; the report says how
    many.

    Attributes:
        sizes: Events, in ascending order.
        one_by_one: Events at most where they are parsed one by one.
        by_element: Where each is an element of Beam.
        bytewax: As its name says.
        spark: As its name says.
        inserts: Rows that are inserted one by one.
        rate: Events a second that freshness is measured at; 0 leaves it out.
        rate_seconds: How long that rate is held.
    """

    sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000, 5_000_000)
    one_by_one: int = 100_000
    by_element: int = 10_000
    bytewax: int = 1_000_000
    spark: int = 250_000
    inserts: int = 300
    rate: int = 5_000
    rate_seconds: int = 300

    @property
    def most_events(self) -> int:
        """Events that any part asks for."""
        return max(*self.sizes, self.rate * self.rate_seconds)
