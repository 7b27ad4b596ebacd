"""How long a record takes from its arrival in Kinesis to the commit of its load, record by record."""

import io
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from pyarrow import parquet

from contracts.lake import events_prefix
from runtime.objects import Objects
from runtime.warehouse import Rows


def freshness_millis(
    objects: Objects, query: Callable[[str], Rows], streams: Iterable[str]
) -> NDArray[np.float64]:
    """Return the milliseconds of every event in the archive whose batch is in the warehouse's ledger.

    Each record counts from its own arrival in Kinesis to the moment that the ledger gives its batch; a
    record whose batch is not loaded yet has no freshness.
    """
    rows = query("select batch_id, loaded_at from etl_ledger").rows
    loaded = {
        batch_id: datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() * 1_000 for batch_id, at in rows
    }
    parts = []
    for stream in streams:
        for key in objects.keys(events_prefix(stream)):
            table = parquet.read_table(io.BytesIO(objects.get(key)), columns=["batch_id", "received_at"])
            received = table["received_at"].cast("int64").to_numpy() / 1_000
            batches = table["batch_id"].combine_chunks().dictionary_encode()
            moments = np.array([loaded.get(batch_id, np.nan) for batch_id in batches.dictionary.to_pylist()])
            millis = moments[batches.indices.to_numpy()] - received
            parts.append(millis[~np.isnan(millis)])
    return np.concatenate(parts) if parts else np.array([])
