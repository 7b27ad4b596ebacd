"""What Spark's runs need of our own in Scala: compiled once, by the compiler that pyspark ships.

How they commit to S3, and how they write to the disk; localstack/providers/spark/scala says why.
"""

import hashlib
import subprocess
import zipfile
from collections.abc import Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from app.errors import StandError
from app.stack.java import find_java


class ClassesError(StandError):
    """They could not be compiled."""


def ensure_classes(jars: Path, home: Path) -> Path:
    """Return the classes' jar, in the folder of Spark's others; it is compiled where a source is new.

    Args:
        jars: Those of S3, which the sources are compiled against.
        home: The stand's folder, where a Java may be.

    Raises:
        ClassesError: They cannot be compiled.
        NoJavaError: There is no Java.
    """
    folder = files("localstack.providers.spark").joinpath("scala")
    found = sorted(
        (each for each in folder.iterdir() if each.name.endswith(".scala")), key=lambda each: each.name
    )
    sources = {each.name: each.read_bytes() for each in found}
    digest = hashlib.sha256(b"\0".join(sources.values())).hexdigest()
    jar = jars / f"millrace-spark-{digest[:12]}.jar"
    if not jar.exists():
        with TemporaryDirectory(dir=home, prefix="scala-") as scratch:
            for name, source in sources.items():
                (Path(scratch) / name).write_bytes(source)
            classes = _compiled([Path(scratch) / name for name in sources], jars, find_java(home))
            whole = Path(scratch) / jar.name
            with zipfile.ZipFile(whole, "w") as archive:
                for each in sorted(classes.rglob("*.class")):
                    archive.write(each, each.relative_to(classes))
            for older in jars.glob("millrace-*.jar"):
                older.unlink()
            whole.rename(jar)
    return jar


def _compiled(sources: Sequence[Path], jars: Path, java: Path) -> Path:
    """Compile sources of one folder, and return that of their classes."""
    classes = sources[0].parent / "classes"
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
        *map(str, sources),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        reason = next(iter((done.stdout + done.stderr).splitlines()), f"exit code {done.returncode}")
        msg = f"Spark's own classes could not be compiled: {reason}"
        raise ClassesError(msg)
    return classes
