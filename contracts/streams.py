"""The streams' names."""

FLIGHT_EVENTS_STREAM = "flight-events"
WEATHER_STREAM = "weather-observations"
