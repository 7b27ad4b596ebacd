-- An hour is observed once: who delivers it again delivers the same.
merge into fact_weather
using stage_weather
    on
        fact_weather.origin = stage_weather.origin
        and fact_weather.observed_at = stage_weather.event_time
when matched then
    update
        set
            temp = stage_weather.temp,
            dewp = stage_weather.dewp,
            humid = stage_weather.humid,
            wind_dir = stage_weather.wind_dir,
            wind_speed = stage_weather.wind_speed,
            wind_gust = stage_weather.wind_gust,
            precip = stage_weather.precip,
            pressure = stage_weather.pressure,
            visib = stage_weather.visib
when not matched then insert (
    origin, observed_at, temp, dewp, humid, wind_dir, wind_speed, wind_gust, precip, pressure, visib
) values (
    stage_weather.origin, stage_weather.event_time, stage_weather.temp, stage_weather.dewp,
    stage_weather.humid, stage_weather.wind_dir, stage_weather.wind_speed, stage_weather.wind_gust,
    stage_weather.precip, stage_weather.pressure, stage_weather.visib
)
