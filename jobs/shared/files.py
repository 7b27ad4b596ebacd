"""Single small files beside the data, by Hadoop's file systems: what Spark itself writes is a folder."""

import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

_SIDE_BY_SIDE = 8
_APPEARS_WHEN_CLOSED = "fs.capability.outputstream.abortable"
"""Hadoop's word for streams that may be given up: of what they write, nothing is there before they close."""


def write_json(spark: SparkSession, uri: str, content: Mapping[str, Any]) -> None:
    """Write a document in the place of what was there, at once: a reader has the one or the other, whole.

    On S3 it is one PUT, when the stream is closed; elsewhere a file of another name, which is renamed.
    """
    path, system = _place(spark, uri)
    if system.hasPathCapability(path, _APPEARS_WHEN_CLOSED):
        _write(system, path, content)
        return
    context: Any = spark.sparkContext
    hadoop = context._jvm.org.apache.hadoop.fs  # noqa: SLF001  # as below
    written = hadoop.Path(f"{uri}.new")
    _write(system, written, content)
    rename = getattr(hadoop, "Options$Rename")
    replacing = context._gateway.new_array(rename, 1)  # noqa: SLF001
    replacing[0] = rename.OVERWRITE
    hadoop.FileContext.getFileContext(path.toUri()).rename(written, path, replacing)


def read_json(spark: SparkSession, uri: str) -> dict[str, Any] | None:
    """Return a document; None where there is none."""
    path, system = _place(spark, uri)
    try:
        stream = system.open(path)
    except Py4JJavaError as error:
        if error.java_exception.getClass().getSimpleName() == "FileNotFoundException":
            return None
        raise
    try:
        context: Any = spark.sparkContext
        text = context._jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8")  # noqa: SLF001  # as below
    finally:
        stream.close()
    document: dict[str, Any] = json.loads(text)
    return document


def names(spark: SparkSession, uri: str) -> list[str]:
    """Return the names in a folder, in order; none where it is not there."""
    path, system = _place(spark, uri)
    if not system.exists(path):
        return []
    return sorted(str(each.getPath().getName()) for each in system.listStatus(path))


def delete(spark: SparkSession, uri: str) -> None:
    """Delete a folder or a file, and all below it; one that is not there is deleted."""
    path, system = _place(spark, uri)
    system.delete(path, True)  # noqa: FBT003  # Java's: all below it


def side_by_side[Item, Answer](do: Callable[[Item], Answer], items: Iterable[Item]) -> dict[Item, Answer]:
    """Do something with each of many small files, some at a time: what takes time is to wait for S3.

    Raises:
        Exception: What the first that failed raised; those that were begun are ended first.
    """
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        begun = {item: pool.submit(do, item) for item in items}
        return {item: future.result() for item, future in begun.items()}


def _write(system: Any, path: Any, content: Mapping[str, Any]) -> None:
    stream = system.create(path, True)  # noqa: FBT003  # Java's: it overwrites
    stream.write((json.dumps(content, indent=1, sort_keys=True) + "\n").encode())
    stream.close()  # not where the write failed: closed, half of it would appear


def _place(spark: SparkSession, uri: str) -> tuple[Any, Any]:
    context: Any = spark.sparkContext
    path = context._jvm.org.apache.hadoop.fs.Path(uri)  # noqa: SLF001  # PySpark has no other door to them
    return path, path.getFileSystem(context._jsc.hadoopConfiguration())  # noqa: SLF001
