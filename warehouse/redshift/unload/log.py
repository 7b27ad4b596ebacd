"""STL_UNLOAD_LOG: the files that UNLOAD wrote.

AWS, Amazon Redshift Database Developer Guide, "STL_UNLOAD_LOG", whose columns these are.
"""

from collections.abc import Sequence

import duckdb

from warehouse.redshift.dialect.copy_statement import FileFormat
from warehouse.redshift.unload.parts import UnloadedFile

TABLE = """
create table if not exists _system.stl_unload_log (
    userid integer, query integer, slice integer, pid integer, path varchar, start_time timestamp,
    end_time timestamp, line_count bigint, transfer_size bigint, file_format varchar
);
"""
_FORMATS = {"csv": "CSV", "json": "JSON", "parquet": "PARQUET", "text": "TEXT"}


def record_files(
    session: duckdb.DuckDBPyConnection, file_format: FileFormat, files: Sequence[UnloadedFile]
) -> None:
    """Write down files that are in S3."""
    for file in files:
        row = [file.url, file.started, file.ended, file.rows, file.size_bytes, _FORMATS[file_format]]
        session.execute("insert into _system.stl_unload_log values (100, 0, 0, 0, ?, ?, ?, ?, ?, ?)", row)
