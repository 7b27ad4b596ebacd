"""What a weather record means: the hour's observation at one airport."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

MEASURES = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")


@dataclass(frozen=True, slots=True)
class WeatherObservation:
    """One hour's weather at one airport; a measure is None where the source has none.

    Attributes:
        origin: IATA code of the airport.
        observed_at: The hour, in UTC.
        temp: Degrees Fahrenheit.
        dewp: Dew point, degrees Fahrenheit.
        humid: Relative humidity, per cent.
        wind_dir: Degrees.
        wind_speed: Miles an hour.
        wind_gust: Miles an hour.
        precip: Inches.
        pressure: Millibars at sea level.
        visib: Miles.
    """

    origin: str
    observed_at: datetime
    temp: float | None = None
    dewp: float | None = None
    humid: float | None = None
    wind_dir: float | None = None
    wind_speed: float | None = None
    wind_gust: float | None = None
    precip: float | None = None
    pressure: float | None = None
    visib: float | None = None

    def __post_init__(self) -> None:
        """Refuse a time that is not in UTC.

        Raises:
            ValueError: `observed_at` has no zone, or another zone than UTC.
        """
        if self.observed_at.utcoffset() != timedelta(0):
            msg = f"`observed_at` must be in UTC; got `{self.observed_at!r}`"
            raise ValueError(msg)

    @property
    def event_time(self) -> datetime:
        """The hour observed."""
        return self.observed_at

    @property
    def event_id(self) -> str:
        """The identity that duplicates share."""
        return f"{self.origin}-{self.observed_at:%Y%m%dT%H}-observed"

    @property
    def partition_key(self) -> str:
        """The airport, so that its hours stay in order."""
        return self.origin

    def to_json(self) -> bytes:
        """Write the observation as the data of one Kinesis record: a flat JSON object."""
        return orjson.dumps(
            {
                "event_id": self.event_id,
                "kind": "observed",
                "event_time": self.observed_at,
                "origin": self.origin,
                **{name: getattr(self, name) for name in MEASURES},
            },
            option=orjson.OPT_UTC_Z,
        )
