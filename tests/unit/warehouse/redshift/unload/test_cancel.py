"""COPY and UNLOAD stop when they are cancelled, between two queries too."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.warehouse.redshift.twin import MemoryS3
from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import CancelledError


class TellingS3(MemoryS3):
    """One that tells when it is asked for something."""

    def __init__(self) -> None:
        """Tell nobody yet."""
        super().__init__()
        self.tell: Callable[[], None] = lambda: None

    def paginate(self, **arguments: Any) -> Iterator[dict[str, Any]]:
        """Tell, and yield one page."""
        self.tell()
        yield from super().paginate(**arguments)


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("copy t from 's3://lake/text' csv", id="COPY of text"),
        pytest.param("copy t from 's3://lake/parquet' format parquet", id="COPY of Parquet"),
        pytest.param("unload ('select * from t') to 's3://lake/out'", id="UNLOAD"),
    ],
)
def test_a_cancelled_statement_does_nothing(tmp_path: Path, sql: str) -> None:
    """The cancel comes while S3 is asked, when DuckDB runs nothing that it could stop."""
    s3 = TellingS3()
    s3.objects["s3://lake/text"] = b"1\n"
    s3.put_rows("s3://lake/parquet", {"x": [1]})
    engine = Engine(tmp_path / "w", s3)
    session = engine.session("me")
    session.run(["create table t (a integer)"])
    session.run(["insert into t values (0)"])
    s3.tell = session.cancel
    with pytest.raises(CancelledError, match="canceling statement due to user's request"):
        session.run([sql])
    s3.tell = lambda: None
    assert session.run(["select a from t"])[0].rows == [(0,)]
    assert "s3://lake/out0000_part_00" not in s3.objects
    session.run([sql])
    session.close()
    engine.close()
