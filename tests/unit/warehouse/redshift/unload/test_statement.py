"""UNLOAD's options: what each means, which are refused by name, and which do not go together."""

from dataclasses import replace
from typing import Any

import pytest

from warehouse.redshift.dialect.unload_statement import MEGABYTE, UnloadStatement, parse_unload
from warehouse.redshift.errors import NotSupportedError, RedshiftError

DEFAULT = UnloadStatement("s3://b/k_")


def parsed(options: str, query: str = "'select 1'") -> UnloadStatement:
    """Parse an UNLOAD with these options."""
    return parse_unload(f"({query}) to 's3://b/k_' {options}")[1]


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        pytest.param("iam_role default", {}, id="delimited text is the default"),
        pytest.param("csv", {"file_format": "csv", "delimiter": ","}, id="CSV"),
        pytest.param(
            "format as csv delimiter ';'", {"file_format": "csv", "delimiter": ";"}, id="DELIMITER of CSV"
        ),
        pytest.param("json", {"file_format": "json"}, id="JSON"),
        pytest.param("format parquet", {"file_format": "parquet"}, id="FORMAT PARQUET"),
        pytest.param("parquet rowgroupsize 32 mb", {"file_format": "parquet"}, id="ROWGROUPSIZE"),
        pytest.param(r"delimiter as '\t'", {"delimiter": "\t"}, id="DELIMITER"),
        pytest.param("header", {"is_header": True}, id="HEADER"),
        pytest.param("addquotes", {"is_quoted": True}, id="ADDQUOTES"),
        pytest.param("escape", {"is_escaped": True}, id="ESCAPE"),
        pytest.param(r"null as '\N'", {"null": "\\N"}, id="NULL AS"),
        pytest.param("gzip", {"compression": "gzip"}, id="GZIP"),
        pytest.param("bzip2", {"compression": "bz2"}, id="BZIP2"),
        pytest.param("zstd", {"compression": "zstd"}, id="ZSTD"),
        pytest.param("partition by (a, B)", {"partition_by": ("a", "b")}, id="PARTITION BY"),
        pytest.param(
            "partition by (a) include", {"partition_by": ("a",), "is_partition_kept": True}, id="INCLUDE"
        ),
        pytest.param("manifest", {"manifest": "plain"}, id="MANIFEST"),
        pytest.param("manifest verbose", {"manifest": "verbose"}, id="MANIFEST VERBOSE"),
        pytest.param("allowoverwrite", {"is_overwriting": True}, id="ALLOWOVERWRITE"),
        pytest.param("cleanpath", {"is_cleaning": True}, id="CLEANPATH"),
        pytest.param("parallel", {}, id="PARALLEL"),
        pytest.param("parallel on", {}, id="PARALLEL ON"),
        pytest.param("parallel off", {"is_parallel": False}, id="PARALLEL OFF"),
        pytest.param("parallel false", {"is_parallel": False}, id="PARALLEL FALSE"),
        pytest.param("maxfilesize 5", {"most_bytes": 5 * MEGABYTE}, id="MAXFILESIZE is in MB"),
        pytest.param("maxfilesize as 1.5 gb", {"most_bytes": 1536 * MEGABYTE}, id="MAXFILESIZE in GB"),
        pytest.param("extension 'txt'", {"extension": "txt"}, id="EXTENSION"),
        pytest.param("region 'us-east-1'", {}, id="REGION"),
    ],
)
def test_an_option_says_what_it_says(options: str, changed: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html, and leaves the others as they are."""
    assert parsed(options) == replace(DEFAULT, **changed)


@pytest.mark.parametrize(
    "written",
    [
        "'select * from t where a = ''x'''",
        r"'select * from t where a = \'x\''",
        "$$select * from t where a = 'x'$$",
    ],
)
def test_the_query_may_hold_quotes(written: str) -> None:
    """Doubled, behind a backslash, or between dollars."""
    assert parse_unload(f"({written}) to 's3://b/k'")[0] == "select * from t where a = 'x'"


@pytest.mark.parametrize("options", ["fixedwidth 'a:1'", "encrypted", "format orc"])
def test_what_is_not_here_is_refused_by_name(options: str) -> None:
    """Nothing is left out in silence."""
    with pytest.raises(NotSupportedError, match=options.removeprefix("format ").split()[0].upper()):
        parsed(options)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        pytest.param("csv escape", "ESCAPE cannot be used with CSV", id="CSV, ESCAPE"),
        pytest.param("csv addquotes", "ADDQUOTES cannot be used with CSV", id="CSV, ADDQUOTES"),
        pytest.param("json header", "HEADER cannot be used with JSON", id="JSON, HEADER"),
        pytest.param("parquet gzip", "GZIP cannot be used with PARQUET", id="PARQUET, GZIP"),
        pytest.param("parquet null as ''", "NULL cannot be used with PARQUET", id="PARQUET, NULL AS"),
        pytest.param("csv parquet", "conflicting or redundant options", id="two formats"),
        pytest.param("gzip bzip2", "conflicting or redundant options", id="two compressions"),
        pytest.param(
            "cleanpath allowoverwrite", "ALLOWOVERWRITE cannot be used with CLEANPATH", id="CLEANPATH"
        ),
        pytest.param("rowgroupsize 32", "ROWGROUPSIZE can be used with PARQUET only", id="ROWGROUPSIZE"),
        pytest.param("parquet rowgroupsize 16", "ROWGROUPSIZE must be from 32 MB to 128 MB", id="row groups"),
        pytest.param("maxfilesize 4 mb", "MAXFILESIZE must be from 5 MB to 6348 MB", id="too small files"),
        pytest.param("maxfilesize 7 gb", "MAXFILESIZE must be", id="too large files"),
        pytest.param("maxfilesize x", "MAXFILESIZE must be", id="no size"),
        pytest.param("partition by ()", "syntax error", id="no partition"),
        pytest.param("turbo", 'syntax error at or near "turbo"', id="unknown"),
    ],
)
def test_options_that_make_no_sense_are_told(options: str, reason: str) -> None:
    """Before the query runs."""
    with pytest.raises(RedshiftError, match=reason):
        parsed(options)


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        pytest.param(
            "('select * from t limit 5') to 's3://b/k'", "Limit clause is not supported", id="LIMIT"
        ),
        pytest.param("(select 1) to 's3://b/k'", "the query of UNLOAD is a text", id="no text"),
        pytest.param("('select 1') to 's3://b'", "must name a bucket and a key", id="no key"),
        pytest.param("('select 1') to '/tmp/x'", "UNLOAD to `/tmp/x`; only s3://", id="a local file"),
        pytest.param("('select 1') 's3://b/k'", "syntax error", id="no TO"),
        pytest.param("", "there is no statement", id="nothing"),
    ],
)
def test_a_statement_that_is_none_is_told(rest: str, reason: str) -> None:
    """AWS: the outer SELECT has no LIMIT."""
    with pytest.raises(RedshiftError, match=reason):
        parse_unload(rest)


def test_a_nested_query_may_have_a_limit() -> None:
    """As AWS advises."""
    assert parsed("", "'select * from (select * from t limit 5)'") == DEFAULT
