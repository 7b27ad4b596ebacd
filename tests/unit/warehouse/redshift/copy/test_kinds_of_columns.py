"""Columns that are more than a type of DuckDB's: CHAR, SUPER, TIME and IDENTITY."""

from datetime import time
from typing import Any

import pytest

from tests.unit.warehouse.redshift.copy.support import FAILURES, FILE, load, rows
from tests.unit.warehouse.redshift.twin import MemoryS3
from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import NotSupportedError, RedshiftError


@pytest.fixture
def open_with(engine: Engine) -> Any:
    """Give what makes a table `t` of these columns."""

    def opened(columns: str) -> Engine:
        engine.execute([f"create table t ({columns})"])
        return engine

    return opened


def test_a_char_holds_single_bytes_and_no_blanks_at_its_end(open_with: Any, s3: MemoryS3) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html."""
    engine = open_with("a char(4)")
    assert load(engine, s3, "ab  \n  \nabcd    \nabcde\naü\n".encode(), "maxerror 9") == 3
    # DuckDB's check holds the stored text to its rule; a query may show it with the blanks that pad it.
    assert rows(engine, "select rtrim(a) from t") == [("ab",), ("",), ("abcd",)]
    assert [(line, code, reason) for line, _, code, reason, _ in rows(engine, FAILURES)] == [
        (4, 1204, "String length exceeds DDL length"),
        (
            5,
            1220,
            "Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Invalid char: c3 bc",
        ),
    ]
    s3.put_rows(FILE, {"a": ["x   "]})
    engine.execute(["delete from t", f"copy t from '{FILE}' format parquet"])
    assert rows(engine, "select rtrim(a) from t") == [("x",)]


def test_a_super_takes_json(open_with: Any, s3: MemoryS3) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/copy_json.html: of text, and the values of documents."""
    engine = open_with("a super")
    load(engine, s3, b'{"k": [1.50]}\n"x"\n\n{"k"\n', "maxerror 9")
    assert [(line, code) for line, _, code, *_ in rows(engine, FAILURES)] == [(4, 1216)]
    load(engine, s3, b'{"a": {"k": "x"}}{"a": "x"}{"a": 1.50}{"a": null}', "json 'auto'")
    s3.objects.clear()
    engine.execute(["unload ('select a from t') to 's3://lake/out' json"])
    assert s3.objects["s3://lake/out0000_part_00"].decode().splitlines() == [
        *('{"a":{"k": [1.50]}}', '{"a":"x"}', '{"a":null}'),
        *('{"a":{"k":"x"}}', '{"a":"x"}', '{"a":1.50}', '{"a":null}'),
    ]


def test_a_time_is_a_time_of_the_day(open_with: Any, s3: MemoryS3) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/r_Datetime_types.html."""
    engine = open_with("a time, n integer")
    load(engine, s3, b"12:00:00.5|1\n25:00:00|2\nnoon|3\n", "maxerror 9")
    assert [(line, code) for line, _, code, *_ in rows(engine, FAILURES)] == [(2, 1206), (3, 1206)]
    s3.objects.clear()
    engine.execute(["unload ('select a from t') to 's3://lake/out' csv"])
    assert s3.objects["s3://lake/out0000_part_00"] == f"{time(12, 0, 0, 500_000)}"[:10].encode() + b"\n"


def test_an_identity_counts(open_with: Any, s3: MemoryS3) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-column-mapping.html: it is left out."""
    engine = open_with("n bigint identity(10, 1), a varchar")
    load(engine, s3, b"x\ny\n", "")
    assert rows(engine) == [(10, "x"), (11, "y")]
    with pytest.raises(RedshiftError, match=r"Extra column\(s\) found"):
        load(engine, s3, b"1|x\n", "")
    with pytest.raises(NotSupportedError, match="COPY into IDENTITY column `n`, which takes EXPLICIT_IDS"):
        load(engine, s3, b"1|x\n", "", "(n, a)")
