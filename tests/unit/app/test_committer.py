"""The class by which Spark's runs commit to S3 is compiled once a source."""

import zipfile
from pathlib import Path

import pytest

from app.stack import committer
from app.stack.committer import CommitterError, ensure_committer

HOME = Path(".millrace").absolute()


def test_the_jar_holds_the_class_that_runs_are_told_of() -> None:
    """Set-up has compiled it; a second time changes nothing."""
    jar = ensure_committer(HOME / "jars", HOME)
    with zipfile.ZipFile(jar) as archive:
        assert "millrace/spark/S3CommitProtocol.class" in archive.namelist()
    changed = jar.stat().st_mtime_ns
    assert ensure_committer(HOME / "jars", HOME) == jar
    assert jar.stat().st_mtime_ns == changed


def test_a_source_that_does_not_compile_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No jar of it is left, and no folder."""
    package = tmp_path / "package"
    package.mkdir()
    (package / "S3CommitProtocol.scala").write_text("class Wrong extends Nothing.At.All", encoding="utf-8")
    monkeypatch.setattr(committer, "files", lambda _package: package)
    home = tmp_path / "home"
    (home / "jars").mkdir(parents=True)
    with pytest.raises(CommitterError, match=r"could not be compiled: .*error"):
        ensure_committer(home / "jars", home)
    assert [each.name for each in home.rglob("*")] == ["jars"]
