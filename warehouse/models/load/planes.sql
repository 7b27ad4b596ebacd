lock dim_plane;

delete from dim_plane;

copy dim_plane
from '{manifest}'
iam_role default
manifest
format as parquet
