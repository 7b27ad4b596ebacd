"""One file, one COPY of it, and what came of it."""

from typing import Any

from tests.unit.warehouse.redshift.twin import MemoryS3
from warehouse.redshift.engine import Engine

FILE = "s3://lake/file"

FAILURES = (
    "select line_number, colname, err_code, err_reason, raw_field_value from stl_load_errors order by 1, 2"
)


def load(engine: Engine, s3: MemoryS3, data: bytes, options: str, columns: str = "") -> int:
    """Copy a file's bytes into table `t`, and return how many rows were loaded."""
    s3.objects[FILE] = data
    return engine.execute([f"copy t {columns} from '{FILE}' iam_role default {options}"])[0].affected


def rows(engine: Engine, sql: str = "select * from t") -> list[tuple[Any, ...]]:
    """Return the rows of a query, of all of `t` if none is given."""
    return engine.execute([sql])[0].rows
