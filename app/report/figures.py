"""The figures of a demo: report.json, whose names other tools read."""

from dataclasses import asdict, dataclass
from pathlib import Path

import orjson


@dataclass(frozen=True, slots=True)
class Step:
    """One step and how long it took."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened.

    Attributes:
        events_sent: Records that Kinesis acknowledged, injected duplicates and rejects included.
        duplicates_injected: Copies that the replay added.
        duplicates_caught: Records that stream and MERGE dropped as duplicates; a retry may add some.
        rejects_injected: Malformed records that the replay added.
        rejects_caught: Records that the stream set aside.
        events_lost: See `Reconciliation`.
        events_twice: See `Reconciliation`.
        flights_in_warehouse: Rows of fact_flight.
        flights_on_board: Items of the flight board, of the days.
        alerts: Delay alerts raised for them.
        poison_injected: Malformed records of the flights' stream.
        dead_letters: Positions of records in the flight board's dead-letter queue.
        throttles: How often the flight board's function was refused while it had no concurrency.
        records_per_second: Records sent, by the seconds from the first sent to the last loaded.
        freshness_p50_ms: From a record's arrival in Kinesis to the commit of its load: the median.
        freshness_p99_ms: The same, 99th percentile.
        wall_seconds: The whole demo, set-up of the environments left out.
        reconciled: Whether every cell is as the source says, and every injected fault was caught.
        steps: In their order.
    """

    events_sent: int
    duplicates_injected: int
    duplicates_caught: int
    rejects_injected: int
    rejects_caught: int
    events_lost: int
    events_twice: int
    flights_in_warehouse: int
    flights_on_board: int
    alerts: int
    poison_injected: int
    dead_letters: int
    throttles: int
    records_per_second: float
    freshness_p50_ms: float
    freshness_p99_ms: float
    wall_seconds: float
    reconciled: bool
    steps: tuple[Step, ...]

    def write(self, path: Path) -> None:
        """Write report.json."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2))

    @classmethod
    def read(cls, path: Path) -> "Figures":
        """Read what `write` wrote.

        Raises:
            ValueError: The file holds something else.
        """
        try:
            fields = orjson.loads(path.read_bytes())
            return cls(**fields | {"steps": tuple(Step(**step) for step in fields["steps"])})
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            msg = f"{path} holds no figures of a demo ({error}); run `make demo` again"
            raise ValueError(msg) from None
