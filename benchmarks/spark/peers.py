"""The question of daily_on_time for one machine's engines: `peers.py duckdb|polars ARCHIVE OUTPUT`.

Polars is in an environment of its own, so nothing of the project is imported. Each writes one
Parquet file; every engine's rows are compared before anything is called measured.
"""

import sys

_SQL = """
copy (
    with newest as (
        select *, (scheduled_departure at time zone 'America/New_York')::date as flight_date
        from read_parquet('{archive}')
        qualify row_number() over (
            partition by event_id
            order by
                event_time desc, length(sequence_number) desc, sequence_number desc, sub_sequence_number desc
        ) = 1
    ),
    flights as (
        select
            flight_date, carrier, flight, origin, time_hour,
            bool_or(kind = 'scheduled') as was_scheduled,
            bool_or(kind = 'departed') as has_departed,
            max(delay_minutes) filter (kind = 'departed') as delay
        from newest group by all
    )
    select
        flight_date, carrier, origin, count(*) as scheduled, count(*) filter (has_departed) as departed,
        count(*) filter (not has_departed) as cancelled,
        count(*) filter (has_departed and delay < 15) as on_time,
        coalesce(sum(delay), 0)::bigint as delay_minutes
    from flights where was_scheduled group by all order by all
) to '{output}' (format parquet)
"""


def ask_duckdb(archive: str, output: str) -> None:
    """Ask DuckDB."""
    import duckdb  # noqa: PLC0415  # one of the two is there

    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(_SQL.format(archive=archive, output=output))


def ask_polars(archive: str, output: str) -> None:
    """Ask Polars, by its streaming engine."""
    import polars as pl  # noqa: PLC0415  # one of the two is there

    newest_first = [
        pl.col("event_time"),
        pl.col("sequence_number").str.len_bytes(),
        pl.col("sequence_number"),
        pl.col("sub_sequence_number"),
    ]
    has_departed = pl.col("kind") == "departed"
    flights = (
        pl.scan_parquet(archive)
        .select(
            "event_id",
            "kind",
            "carrier",
            "flight",
            "origin",
            "time_hour",
            "scheduled_departure",
            "delay_minutes",
            "event_time",
            "sequence_number",
            "sub_sequence_number",
        )
        .sort(newest_first, descending=True)
        .unique("event_id", keep="first")
        .with_columns(
            pl.col("scheduled_departure")
            .dt.convert_time_zone("America/New_York")
            .dt.date()
            .alias("flight_date")
        )
        .group_by("flight_date", "carrier", "flight", "origin", "time_hour")
        .agg(
            (pl.col("kind") == "scheduled").any().alias("was_scheduled"),
            has_departed.any().alias("has_departed"),
            pl.col("delay_minutes").filter(has_departed).max().alias("delay"),
        )
    )
    departed, late = pl.col("has_departed"), pl.col("delay")
    days = (
        flights.filter(pl.col("was_scheduled"))
        .group_by("flight_date", "carrier", "origin")
        .agg(
            pl.len().cast(pl.Int64).alias("scheduled"),
            departed.sum().cast(pl.Int64).alias("departed"),
            (~departed).sum().cast(pl.Int64).alias("cancelled"),
            (departed & (late < 15)).sum().cast(pl.Int64).alias("on_time"),  # noqa: PLR2004  # the DOT's rule
            late.sum().cast(pl.Int64).alias("delay_minutes"),
        )
        .sort("flight_date", "carrier", "origin")
    )
    days.collect(engine="streaming").write_parquet(output)


if __name__ == "__main__":
    {"duckdb": ask_duckdb, "polars": ask_polars}[sys.argv[1]](*sys.argv[2:])
