"""The dimensions' rows, put into the lake for the warehouse to COPY."""

import io

from pyarrow import parquet

from app.replay.source import read_reference
from contracts.lake import reference_key
from runtime.objects import Objects


def publish_reference(objects: Objects) -> None:
    """Write airlines, airports and planes as one Parquet object each; the same every time."""
    for table, rows in read_reference().items():
        sink = io.BytesIO()
        parquet.write_table(rows, sink, compression="zstd")
        objects.put(reference_key(table), sink.getvalue())
