"""Spark's classes of our own are compiled once a source."""

import zipfile
from pathlib import Path

import pytest

from app.stack import spark_classes
from app.stack.spark_classes import ClassesError, ensure_classes
from localstack.providers.spark.configuration import resolve

HOME = Path(".millrace").absolute()


def test_the_jar_holds_the_classes_that_runs_are_told_of() -> None:
    """Set-up has compiled it; a second time changes nothing."""
    jar = ensure_classes(HOME / "jars", HOME)
    with zipfile.ZipFile(jar) as archive:
        names = {name.removesuffix(".class").replace("/", ".") for name in archive.namelist()}
    told = resolve([], Path("/jars"), Path("/scratch"))
    assert {told["spark.sql.sources.commitProtocolClass"], told["spark.hadoop.fs.file.impl"]} <= names
    changed = jar.stat().st_mtime_ns
    assert ensure_classes(HOME / "jars", HOME) == jar
    assert jar.stat().st_mtime_ns == changed


def test_a_source_that_does_not_compile_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No jar of it is left, and no folder."""
    package = tmp_path / "package"
    (package / "scala").mkdir(parents=True)
    (package / "scala" / "Wrong.scala").write_text("class Wrong extends Nothing.At.All", encoding="utf-8")
    monkeypatch.setattr(spark_classes, "files", lambda _package: package)
    home = tmp_path / "home"
    (home / "jars").mkdir(parents=True)
    with pytest.raises(ClassesError, match=r"could not be compiled: .*error"):
        ensure_classes(home / "jars", home)
    assert [each.name for each in home.rglob("*")] == ["jars"]
