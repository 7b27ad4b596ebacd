lock {{ table }};

delete from {{ table }}
where flight_date in ({{ dates }});

copy {{ table }}
from {{ manifest }}
iam_role default
manifest
format as parquet
