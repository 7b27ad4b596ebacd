select
    flight_date,
    origin,
    measure,
    band,
    band_order,
    flights,
    cancelled,
    departed,
    late,
    delay_minutes
from {{ source('loads', 'agg_weather_impact') }}
