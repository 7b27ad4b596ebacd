"""The manifest of an UNLOAD, which COPY and Redshift Spectrum read.

AWS, "UNLOAD", MANIFEST: VERBOSE adds sizes, rows and columns; for Parquet the sizes are always there,
because COPY of Parquet wants them.
"""

import json
from collections.abc import Sequence
from typing import Any

from warehouse.redshift.dialect.unload_statement import UnloadStatement
from warehouse.redshift.unload.parts import UnloadedFile

_TYPES = {
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DECIMAL": "numeric",
    "DOUBLE": "double precision",
    "FLOAT": "real",
    "HUGEINT": "numeric",
    "INTEGER": "integer",
    "SMALLINT": "smallint",
    "TIMESTAMP": "timestamp without time zone",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "VARCHAR": "character varying",
}


def manifest_of(
    unload: UnloadStatement, files: Sequence[UnloadedFile], names: Sequence[str], kinds: Sequence[str]
) -> bytes:
    """Return the manifest of these files, whose query has these columns."""
    is_verbose = unload.manifest == "verbose"
    is_sized = is_verbose or unload.file_format == "parquet"
    entries = [
        {"url": file.url} | ({"meta": _meta(file.size_bytes, file.rows)} if is_sized else {})
        for file in files
    ]
    content: dict[str, Any] = {"entries": entries}
    if is_verbose:
        elements = [
            {"name": name, "type": {"base": _TYPES.get(kind.partition("(")[0], kind.lower())}}
            for name, kind in zip(names, kinds, strict=True)
        ]
        size, rows = sum(file.size_bytes for file in files), sum(file.rows for file in files)
        content |= {
            "schema": {"elements": elements},
            "meta": _meta(size, rows),
            "author": {"name": "Amazon Redshift", "version": "1.0.0"},
        }
    return json.dumps(content, indent=2).encode()


def _meta(size_bytes: int, rows: int) -> dict[str, int]:
    return {"content_length": size_bytes, "record_count": rows}
