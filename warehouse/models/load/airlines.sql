lock dim_airline;

delete from dim_airline;

copy dim_airline
from '{manifest}'
iam_role default
manifest
format as parquet
