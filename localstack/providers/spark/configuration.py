"""What a run's properties are: layers, lowest first: ours, the application's, the run's, its parameters'."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from localstack.providers.spark.errors import RefusedError

SPARK_DEFAULTS = "spark-defaults"
DRIVER_ENVIRONMENT = "spark.emr-serverless.driverEnv."
_CLASS_PATHS = ("spark.driver.extraClassPath", "spark.executor.extraClassPath")
_LAUNCHERS = ("spark.master", "spark.submit.deployMode", "spark.jars.packages")
_DEFAULTS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "4",
    # So few are worth all cores each: small ones made one would be written by one core.
    "spark.sql.adaptive.coalescePartitions.enabled": "false",
    "spark.sql.sources.partitionOverwriteMode": "dynamic",
    "spark.sql.sources.commitProtocolClass": "millrace.spark.S3CommitProtocol",
    "spark.hadoop.fs.file.impl": "millrace.spark.ForklessLocalFileSystem",
    "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
    "spark.hadoop.fs.s3a.path.style.access": "true",
    "spark.hadoop.fs.s3a.performance.flags": "create,delete,mkdir",
    # Two runs may write to one place: what one has not completed yet is not the other's to abort.
    "spark.hadoop.fs.s3a.committer.abort.pending.uploads": "false",
}
_LOGGING = """\
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1}: %m%n%ex
"""


def properties_of(configurations: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the properties of EMR's list of classifications.

    Raises:
        RefusedError: A classification is another than `spark-defaults`, or has configurations of its own.
    """
    properties: dict[str, str] = {}
    for each in configurations:
        if (name := each.get("classification")) != SPARK_DEFAULTS:
            msg = f"the classification `{name}` is not supported; `{SPARK_DEFAULTS}` is"
            raise RefusedError(msg)
        if each.get("configurations"):
            msg = f"`{SPARK_DEFAULTS}` takes properties and no `configurations` of its own"
            raise RefusedError(msg)
        properties |= each.get("properties") or {}
    return properties


def resolve(layers: Sequence[Mapping[str, str]], jars: Path, scratch: Path) -> dict[str, str]:
    """Return the properties of a run.

    Args:
        layers: Of the user, lowest first.
        jars: Folder of those that give Spark its S3; they stay ahead on a class path that the user sets.
        scratch: Folder of the run for what Spark spills.

    Raises:
        RefusedError: A layer says what is the launcher's to say.
    """
    resolved = dict(_DEFAULTS)
    for layer in layers:
        if taken := next((name for name in _LAUNCHERS if name in layer), None):
            msg = f"`{taken}` is not supported: where a run is carried out, and from what, is not its to say"
            raise RefusedError(msg)
        resolved |= layer
    for name in _CLASS_PATHS:
        resolved[name] = os.pathsep.join(filter(None, (f"{jars}/*", resolved.get(name))))
    return resolved | {
        "spark.local.dir": str(scratch / "spill"),
        "spark.hadoop.fs.s3a.buffer.dir": str(scratch / "spill"),
        "spark.hadoop.fs.s3a.committer.staging.tmp.path": str(scratch / "staging"),
        "spark.sql.warehouse.dir": resolved.get("spark.sql.warehouse.dir", str(scratch / "warehouse")),
    }


def write(properties: Mapping[str, str], folder: Path) -> None:
    """Write what SPARK_CONF_DIR is to hold."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{_key(name)} {_escaped(value)}\n" for name, value in sorted(properties.items()))
    (folder / "spark-defaults.conf").write_text(lines, encoding="utf-8")
    (folder / "log4j2.properties").write_text(_LOGGING, encoding="utf-8")


def _escaped(text: str) -> str:
    """Escape as Java's Properties read it, which is how Spark reads this file."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def _key(text: str) -> str:
    escaped = _escaped(text)
    for each in " =:#!":
        escaped = escaped.replace(each, f"\\{each}")
    return escaped
