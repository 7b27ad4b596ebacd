"""The bytes of a file, decompressed, in blocks that fit into memory."""

from collections.abc import Iterator

import pyarrow as pa

from warehouse.redshift.dialect.copy_statement import Compression
from warehouse.redshift.errors import LoadError

BLOCK_BYTES = 8 * 2**20


def read_blocks(url: str, data: bytes, compression: Compression) -> Iterator[bytes]:
    """Yield the bytes of a file, block by block, decompressed where it is compressed.

    Raises:
        LoadError: It is not compressed like that, or it ends too early.
    """
    source = pa.BufferReader(data)
    try:
        stream = pa.CompressedInputStream(source, compression) if compression else source
        while block := stream.read(BLOCK_BYTES):
            yield block
    except (OSError, pa.ArrowException) as error:
        reason = f"is no whole file of {compression.upper()}: {error}"
        raise LoadError(url, reason) from None
