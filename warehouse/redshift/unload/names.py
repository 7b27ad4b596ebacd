"""Names of the files of an UNLOAD.

AWS, "UNLOAD": <prefix><slice>_part_<part>, or <prefix><part> with PARALLEL OFF; a partition is a folder by
Hive's convention.
"""

from collections.abc import Sequence

from warehouse.redshift.dialect.unload_statement import UnloadStatement

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
_SUFFIXES = {"": "", "bz2": ".bz2", "gzip": ".gz", "zstd": ".zst"}
_ESCAPED = frozenset("\"#%'*/:=?\\{}[]^") | {chr(code) for code in (*range(32), 127)}


def part(unload: UnloadStatement, folder: str, number: int) -> str:
    """Return the URL of a part: this warehouse has one slice.

    >>> part(UnloadStatement("s3://b/t_", compression="gzip"), "", 1)
    's3://b/t_0000_part_01.gz'
    >>> part(UnloadStatement("s3://b/t/", file_format="parquet", is_parallel=False), "d=1/", 0)
    's3://b/t/d=1/000.parquet'
    """
    if unload.extension is not None:
        suffix = f".{unload.extension}"
    else:
        suffix = ".parquet" if unload.file_format == "parquet" else _SUFFIXES[unload.compression]
    name = f"0000_part_{number:02}" if unload.is_parallel else f"{number:03}"
    return f"{base(unload)}{folder}{name}{suffix}"


def base(unload: UnloadStatement) -> str:
    """Return what the URLs of all parts begin with."""
    is_folder = unload.partition_by and not unload.url.endswith("/")
    return f"{unload.url}/" if is_folder else unload.url


def manifest(unload: UnloadStatement) -> str:
    """Return the URL of the manifest."""
    return f"{unload.url}manifest"


def folder(columns: Sequence[str], values: Sequence[str | None]) -> str:
    """Return the folder of a partition.

    >>> folder(["y", "m"], ["20:13", None])
    'y=20%3A13/m=__HIVE_DEFAULT_PARTITION__/'
    """
    pairs = zip(columns, values, strict=True)
    return "".join(f"{column}={_escaped(value) if value else NO_VALUE}/" for column, value in pairs)


def _escaped(value: str) -> str:
    return "".join(f"%{ord(each):02X}" if each in _ESCAPED else each for each in value)
