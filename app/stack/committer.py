"""How Spark's runs commit to S3: a class of our own, compiled once by the Scala compiler in pyspark."""

import hashlib
import subprocess
import zipfile
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from app.errors import StandError
from app.stack.java import find_java

_SOURCE = "S3CommitProtocol.scala"


class CommitterError(StandError):
    """The class could not be compiled."""


def ensure_committer(jars: Path, home: Path) -> Path:
    """Return the class's jar, in the folder of Spark's others; it is compiled where its source is new.

    Args:
        jars: Those of S3, which the source is compiled against.
        home: The stand's folder, where a Java may be.

    Raises:
        CommitterError: It cannot be compiled.
        NoJavaError: There is no Java.
    """
    source = files("localstack.providers.spark").joinpath(_SOURCE).read_text(encoding="utf-8")
    jar = jars / f"millrace-committer-{hashlib.sha256(source.encode()).hexdigest()[:12]}.jar"
    if not jar.exists():
        with TemporaryDirectory(dir=home, prefix="committer-") as folder:
            classes = _compiled(source, jars, find_java(home), Path(folder))
            whole = Path(folder) / jar.name
            with zipfile.ZipFile(whole, "w") as archive:
                for each in sorted(classes.rglob("*.class")):
                    archive.write(each, each.relative_to(classes))
            for older in jars.glob("millrace-committer-*.jar"):
                older.unlink()
            whole.rename(jar)
    return jar


def _compiled(source: str, jars: Path, java: Path, folder: Path) -> Path:
    (folder / _SOURCE).write_text(source, encoding="utf-8")
    classes = folder / "classes"
    classes.mkdir()
    spark = find_spec("pyspark")
    home = Path(spark.origin).parent if spark and spark.origin else Path()
    command = [
        str(java / "bin" / "java"),
        "-Xss4m",
        "-XX:TieredStopAtLevel=1",  # a compiler that runs for seconds is quickest so
        "-classpath",
        f"{home / 'jars'}/*:{jars}/*",
        "scala.tools.nsc.Main",
        "-usejavacp",
        "-d",
        str(classes),
        str(folder / _SOURCE),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        reason = next(iter((done.stdout + done.stderr).splitlines()), f"exit code {done.returncode}")
        msg = f"Spark's committer could not be compiled: {reason}"
        raise CommitterError(msg)
    return classes
