"""JSON: documents, which field of them goes where, and what is told of those that are none."""

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.warehouse.redshift.copy.support import FAILURES, load, rows
from tests.unit.warehouse.redshift.twin import MemoryS3
from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import RedshiftError

PATHS = "s3://lake/paths"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param('{"a": 1, "b": "x"}\n{"b": "y", "a": 2}\n', [(1, "x"), (2, "y")], id="lines"),
        pytest.param('{"a":1}{"a":2} {"a":3}', [(1, None), (2, None), (3, None)], id="no lines"),
        pytest.param('{\n "a": 1,\n "b": "x"\n}\n', [(1, "x")], id="a document of many lines"),
        pytest.param('{"a": null, "b": null}', [(None, None)], id="null"),
        pytest.param('{"A": 1, "B": "x"}', [(None, None)], id="names are told apart by their case"),
        pytest.param('{"a": "7", "z": 1}', [(7, None)], id="a number in quotes, and a name of no column"),
        pytest.param('{"b": "\\u00fc\\n\\"q\\""}', [(None, 'ü\n"q"')], id="escapes"),
        pytest.param('{"b": true}{"b": 1.50}', [(None, "true"), (None, "1.50")], id="others as text"),
        pytest.param(
            '{"b": {"k": [1.50, "ü", null]}}', [(None, '{"k":[1.50,"ü",null]}')], id="nested as text"
        ),
        pytest.param("", [], id="nothing"),
        pytest.param(" \n ", [], id="white space"),
    ],
)
def test_fields_go_to_columns_of_their_name(
    engine: Engine, s3: MemoryS3, data: str, expected: list[tuple[Any, ...]]
) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-json.html, 'auto'."""
    engine.execute(["create table t (a integer, b varchar(50))"])
    assert load(engine, s3, data.encode(), "json 'auto'") == len(expected)
    assert rows(engine) == expected


def test_names_may_be_in_any_case(engine: Engine, s3: MemoryS3) -> None:
    """'auto ignorecase'."""
    engine.execute(["create table t (a integer, b varchar(50))"])
    load(engine, s3, b'{"A": 1, "b": "x"}', "format as json 'auto ignorecase'")
    assert rows(engine) == [(1, "x")]


def test_a_decimal_keeps_all_of_its_digits(engine: Engine, s3: MemoryS3) -> None:
    """It is never a number of floating point on its way."""
    digits = "12345678901234567890.123456789012345678"
    engine.execute(["create table t (a decimal(38, 18))"])
    load(engine, s3, f'{{"a": {digits}}}'.encode(), "json 'auto'")
    assert rows(engine) == [(Decimal(digits),)]


@pytest.mark.parametrize(
    ("paths", "data", "expected"),
    [
        pytest.param('"$.b", "$.a"', '{"a": "x", "b": 1}', (1, "x"), id="names"),
        pytest.param("\"$['b c']\", \"$['a'][1]\"", '{"b c": 1, "a": ["x", "y"]}', (1, "y"), id="brackets"),
        pytest.param('"$.a.b.c", "$.a.d[0]"', '{"a": {"b": {"c": 1}, "d": ["x"]}}', (1, "x"), id="deep"),
        pytest.param('"$[0]", "$[1]"', '[1, "x"]', (1, "x"), id="arrays"),
        pytest.param('"$.a", "$.b[3]"', '{"b": [1]}', (None, None), id="what is not there is NULL"),
        pytest.param('"$.a", "$.b"', '{"a": 1, "b": {"c": [1, 2]}}', (1, '{"c":[1,2]}'), id="a whole object"),
    ],
)
def test_a_jsonpaths_file_says_where_values_are(
    engine: Engine, s3: MemoryS3, paths: str, data: str, expected: tuple[Any, ...]
) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-json.html, JSONPaths."""
    engine.execute(["create table t (a integer, b varchar(50))"])
    s3.objects[PATHS] = f'{{"jsonpaths": [{paths}]}}'.encode()
    load(engine, s3, data.encode(), f"json '{PATHS}'")
    assert rows(engine) == [expected]


@pytest.mark.parametrize(
    ("paths", "reason"),
    [
        pytest.param(
            b'{"jsonpaths": ["$.a"]}', "Number of jsonpaths and the number of columns", id="too few"
        ),
        pytest.param(b'{"jsonpaths": ["$.a", "b"]}', "Invalid JSONPath format: `b`", id="no path"),
        pytest.param(b'{"jsonpaths": ["$.a", "$..b"]}', "Invalid JSONPath format", id="two points"),
        pytest.param(b'{"jsonpaths": ["$.a", "$"]}', "Invalid JSONPath format", id="nothing but a root"),
        pytest.param(b'{"paths": []}', "is no JSONPaths file", id="another name"),
        pytest.param(b"[", "is no JSONPaths file", id="no JSON"),
        pytest.param(None, "`s3://lake/paths`: cannot be read", id="missing"),
    ],
)
def test_a_jsonpaths_file_that_is_none_is_told(
    engine: Engine, s3: MemoryS3, paths: bytes | None, reason: str
) -> None:
    """And nothing is loaded."""
    engine.execute(["create table t (a integer, b varchar(50))"])
    if paths is not None:
        s3.objects[PATHS] = paths
    with pytest.raises(RedshiftError, match=reason):
        load(engine, s3, b'{"a": 1}', f"json '{PATHS}'")
    assert rows(engine) == []


def test_a_document_that_is_none_is_told_with_its_line(engine: Engine, s3: MemoryS3) -> None:
    """The lines after it are read, and a value that is wrong is told like one of text."""
    engine.execute(["create table t (a integer)"])
    data = b'{"a": 1}\n{"a": 2,}\n"x"\n{"a": NaN}\n{"a": "x"}\n{"a":\n 6}\n{"a": 7'
    assert load(engine, s3, data, "json 'auto' maxerror 10") == 2
    assert rows(engine) == [(1,), (6,)]
    found = [(line, column, code) for line, column, code, *_ in rows(engine, FAILURES)]
    assert found == [(2, "", 1216), (3, "", 1216), (4, "", 1216), (5, "a", 1207), (8, "", 1216)]


def test_invalid_characters_of_json(engine: Engine, s3: MemoryS3) -> None:
    """Are replaced where ACCEPTINVCHARS says so; else the file is wrong."""
    engine.execute(["create table t (a varchar(5))"])
    with pytest.raises(RedshiftError, match="Bad UTF-8 hex sequence: ff"):
        load(engine, s3, b'{"a": "x\xff"}', "json 'auto'")
    load(engine, s3, b'{"a": "x\xff"}', "json 'auto' acceptinvchars '^'")
    assert rows(engine) == [("x^",)]
