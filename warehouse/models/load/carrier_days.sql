lock agg_carrier_day;

delete from agg_carrier_day
where flight_date in ({{ dates }});

copy agg_carrier_day
from {{ manifest }}
iam_role default
manifest
format as parquet
