"""Documents beside the data, on the disk: one is replaced at once, whoever reads it."""

import json
from pathlib import Path

import pytest
from py4j.protocol import Py4JError
from pyspark.sql import SparkSession

from jobs.shared import files

pytestmark = pytest.mark.timeout(180)


def test_a_document_is_replaced_at_once(spark: SparkSession, tmp_path: Path) -> None:
    """Who has opened the one before reads it to its end: it is another file, not one that is written over."""
    path = tmp_path / "pointer.json"
    files.write_json(spark, path.as_uri(), {"version": "1"})
    with path.open(encoding="utf-8") as before:
        files.write_json(spark, path.as_uri(), {"version": "2"})
        assert json.load(before) == {"version": "1"}
    assert files.read_json(spark, path.as_uri()) == {"version": "2"}
    assert [each.name for each in tmp_path.iterdir() if not each.name.startswith(".")] == ["pointer.json"]


def test_where_a_document_cannot_be_written_the_one_before_stays(spark: SparkSession, tmp_path: Path) -> None:
    """The new one is not in its place before it is whole."""
    path = tmp_path / "pointer.json"
    files.write_json(spark, path.as_uri(), {"version": "1"})
    (tmp_path / "pointer.json.new").mkdir()
    with pytest.raises(Py4JError):
        files.write_json(spark, path.as_uri(), {"version": "2"})
    assert files.read_json(spark, path.as_uri()) == {"version": "1"}
