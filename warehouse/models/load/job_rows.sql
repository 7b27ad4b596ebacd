copy {{ table }}
from {{ manifest }}
iam_role default
manifest
format as parquet
