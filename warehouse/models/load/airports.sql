lock dim_airport;

delete from dim_airport;

copy dim_airport
from '{manifest}'
iam_role default
manifest
format as parquet
