"""COPY's options: what each means, which are refused by name, and which do not go together."""

from typing import Any

import pytest

from warehouse.redshift.dialect.copy_statement import Conversion, CopyStatement, Layout, parse_copy
from warehouse.redshift.dialect.tokens import Relation, tokenize
from warehouse.redshift.errors import NotSupportedError, RedshiftError

DEFAULT = CopyStatement(Relation("t"), (), "s3://b/k")


def parsed(options: str) -> CopyStatement:
    """Parse a COPY with these options."""
    sql = f"copy t from 's3://b/k' {options}"
    return parse_copy(sql, tokenize(sql))


def test_delimited_text_is_the_default() -> None:
    r"""https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html: a pipe, and \N."""
    assert parsed("iam_role default") == DEFAULT
    assert DEFAULT.layout.delimiter == "|"
    assert DEFAULT.conversion.null == "\\N"


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        pytest.param("csv", {"file_format": "csv"}, id="CSV"),
        pytest.param("format as csv", {"file_format": "csv"}, id="FORMAT AS CSV"),
        pytest.param(
            "format csv quote as ''''", {"file_format": "csv", "layout": {"quote": "'"}}, id="QUOTE"
        ),
        pytest.param("format json", {"file_format": "json"}, id="JSON"),
        pytest.param("json as 'auto'", {"file_format": "json"}, id="JSON AS 'auto'"),
        pytest.param(
            "json 'auto ignorecase'", {"json_paths": "auto ignorecase"}, id="JSON 'auto ignorecase'"
        ),
        pytest.param("format as json 's3://b/p'", {"json_paths": "s3://b/p"}, id="JSONPaths"),
        pytest.param("format as parquet", {"file_format": "parquet"}, id="PARQUET"),
        pytest.param("gzip", {"compression": "gzip"}, id="GZIP"),
        pytest.param("bzip2", {"compression": "bz2"}, id="BZIP2"),
        pytest.param("zstd", {"compression": "zstd"}, id="ZSTD"),
        pytest.param("manifest", {"is_manifest": True}, id="MANIFEST"),
        pytest.param("maxerror as 5", {"max_errors": 5}, id="MAXERROR"),
        pytest.param("noload", {"is_trial": True}, id="NOLOAD"),
        pytest.param(r"delimiter '\t'", {"layout": {"delimiter": "\t"}}, id="DELIMITER tab"),
        pytest.param(r"delimiter as '\001'", {"layout": {"delimiter": "\x01"}}, id="DELIMITER octal"),
        pytest.param("escape", {"layout": {"is_escaped": True}}, id="ESCAPE"),
        pytest.param("removequotes", {"layout": {"is_unquoted": True}}, id="REMOVEQUOTES"),
        pytest.param("ignoreheader 2", {"layout": {"header_lines": 2}}, id="IGNOREHEADER"),
        pytest.param("ignoreblanklines", {"layout": {"is_blank_ignored": True}}, id="IGNOREBLANKLINES"),
        pytest.param("fillrecord", {"layout": {"is_filled": True}}, id="FILLRECORD"),
        pytest.param(r"null as '\N'", {}, id="NULL AS backslash N"),
        pytest.param(r"null as '\\N'", {}, id="NULL AS two backslashes and N"),
        pytest.param(r"null '\0'", {"conversion": {"null": "\0"}}, id="NULL AS NUL"),
        pytest.param("null as ''", {"conversion": {"null": ""}}, id="NULL AS nothing"),
        pytest.param("dateformat 'auto'", {"conversion": {"date_format": "auto"}}, id="DATEFORMAT"),
        pytest.param(
            "timeformat as 'epochsecs'", {"conversion": {"time_format": "epochsecs"}}, id="TIMEFORMAT"
        ),
        pytest.param("acceptanydate", {"conversion": {"is_any_date": True}}, id="ACCEPTANYDATE"),
        pytest.param("acceptinvchars", {"conversion": {"replacement": "?"}}, id="ACCEPTINVCHARS"),
        pytest.param("acceptinvchars as '^'", {"conversion": {"replacement": "^"}}, id="ACCEPTINVCHARS AS"),
        pytest.param("blanksasnull", {"conversion": {"is_blank_null": True}}, id="BLANKSASNULL"),
        pytest.param("emptyasnull", {"conversion": {"is_empty_null": True}}, id="EMPTYASNULL"),
        pytest.param("trimblanks", {"conversion": {"is_trimmed": True}}, id="TRIMBLANKS"),
        pytest.param("truncatecolumns", {"conversion": {"is_cut": True}}, id="TRUNCATECOLUMNS"),
        pytest.param("roundec", {"conversion": {"is_rounded": True}}, id="ROUNDEC"),
        pytest.param("encoding as utf8", {}, id="ENCODING"),
        pytest.param("compupdate off statupdate on comprows 10", {}, id="COMPUPDATE, STATUPDATE, COMPROWS"),
        pytest.param("compupdate preset statupdate", {}, id="COMPUPDATE PRESET"),
        pytest.param("region as 'us-east-1' credentials 'aws_iam_role=x'", {}, id="REGION, CREDENTIALS"),
        pytest.param("access_key_id 'a' secret_access_key 'b' session_token 'c'", {}, id="ACCESS_KEY_ID"),
    ],
)
def test_an_option_says_what_it_says(options: str, changed: dict[str, Any]) -> None:
    """And leaves all others as they are."""
    found = parsed(options)
    if "json" in options:
        assert found.file_format == "json"
    base: dict[str, Any] = {"delimiter": ","} if found.file_format == "csv" else {}
    layout = Layout(**base | changed.pop("layout", {}))
    conversion = Conversion(**changed.pop("conversion", {}))
    assert (found.layout, found.conversion) == (layout, conversion)
    for name, value in changed.items():
        assert getattr(found, name) == value
    plain = {"file_format", "json_paths", "compression", "is_manifest", "max_errors", "is_trial"}
    for name in plain - set(changed) - ({"file_format"} if "json" in options else set()):
        assert getattr(found, name) == getattr(DEFAULT, name), name


@pytest.mark.parametrize(
    "options",
    [
        *("fixedwidth 'a:1'", "lzop", "encrypted", "avro 'auto'", "shapefile", "ssh"),
        *("format orc", "format as avro 'auto'", "json 'noshred'", "encoding utf16", "orc", "job create j"),
        "master_symmetric_key 'k'",
    ],
)
def test_what_is_not_here_is_refused_by_name(options: str) -> None:
    """Nothing is left out in silence."""
    name = options.removeprefix("format ").removeprefix("as ").split()[0].upper()
    with pytest.raises(NotSupportedError, match=name):
        parsed(options)


@pytest.mark.parametrize(
    "source", ["dynamodb://table", "emr://cluster/file", "/etc/passwd", "https://host/file"]
)
def test_other_sources_are_refused_by_name(source: str) -> None:
    """Only S3 is here."""
    sql = f"copy t from '{source}'"
    with pytest.raises(NotSupportedError, match=f"COPY from `{source}`; only s3://"):
        parse_copy(sql, tokenize(sql))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        pytest.param("csv escape", "ESCAPE cannot be used with CSV", id="CSV, ESCAPE"),
        pytest.param("csv removequotes", "REMOVEQUOTES cannot be used with CSV", id="CSV, REMOVEQUOTES"),
        pytest.param("quote '|'", "QUOTE can be used with CSV only", id="QUOTE of text"),
        pytest.param("csv delimiter '\"'", "DELIMITER and QUOTE must be different", id="delimiter is quote"),
        pytest.param("json delimiter ','", "DELIMITER cannot be used with JSON", id="JSON, DELIMITER"),
        pytest.param("json ignoreheader 1", "IGNOREHEADER cannot be used with JSON", id="JSON, IGNOREHEADER"),
        pytest.param("parquet maxerror 5", "syntax error", id="PARQUET without FORMAT"),
        pytest.param(
            "format parquet maxerror 5", "MAXERROR cannot be used with PARQUET", id="PARQUET, MAXERROR"
        ),
        pytest.param("format parquet gzip", "GZIP cannot be used with PARQUET", id="PARQUET, GZIP"),
        pytest.param("csv json", "conflicting or redundant options: JSON", id="two formats"),
        pytest.param("gzip zstd", "conflicting or redundant options", id="two compressions"),
        pytest.param("escape escape", "conflicting or redundant options: ESCAPE", id="twice"),
        pytest.param("delimiter '::'", "DELIMITER must be a single ASCII character", id="two characters"),
        pytest.param("delimiter ''", "DELIMITER must be a single ASCII character", id="no character"),
        pytest.param("delimiter 'ü'", "DELIMITER must be a single ASCII character", id="no ASCII"),
        pytest.param("maxerror 100001", "MAXERROR must be a number from 0 to 100000", id="MAXERROR"),
        pytest.param("maxerror -1", "MAXERROR must be a number", id="MAXERROR below 0"),
        pytest.param("ignoreheader 'x'", "IGNOREHEADER must be a number", id="IGNOREHEADER"),
        pytest.param("iam_role 'me'", "IAM_ROLE must be default or the ARN of a role", id="IAM_ROLE"),
        pytest.param("turbo", 'syntax error at or near "turbo"', id="unknown"),
        pytest.param("null as", "syntax error", id="no argument"),
    ],
)
def test_options_that_make_no_sense_are_told(options: str, reason: str) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html says what does."""
    with pytest.raises(RedshiftError, match=reason):
        parsed(options)
