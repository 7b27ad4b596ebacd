"""The tree of the application's errors: each writes its own message, one line that says what to do.

MillraceError
├── BoardChangedError        another writer was faster; look again (pipelines/functions/board.py)
├── BoardBusyError           it was so each time; the batch comes again (pipelines/functions/board.py)
├── NotSentError             SQS refused messages; the batch comes again (pipelines/functions/alerts.py)
├── StatementFailedError     the warehouse refused; all is rolled back (runtime/warehouse.py)
├── LoadError                nothing of a load is in the warehouse (warehouse/models/errors.py)
├── ShardLostError           another driver goes on from here; stop (pipelines/driver/checkpoints.py)
├── StreamBegunError         it begins elsewhere; leave --start away (pipelines/driver/start.py)
├── FuseBlownError           most of what comes is no event; look at the rejects (pipelines/driver/fuse.py)
├── RangeLostError           Kinesis no longer has what was planned; stop (pipelines/kinesis/read.py)
├── MetricsPortError         the stream's metrics cannot be shown; stop (runtime/metrics.py)
├── BatchTooLargeError       events are more than a record holds; pack fewer (contracts/batches.py)
├── BadBatchError            a packed record is broken inside; set it aside (contracts/batches.py)
└── AggregationError         a KPL aggregate is broken inside; dead-letter it (contracts/kpl.py)
"""


class MillraceError(Exception):
    """What the application cannot go on from."""


class ShardError(MillraceError):
    """One shard that cannot be gone on with."""

    def __init__(self, stream: str, shard_id: str) -> None:
        """Name the shard."""
        super().__init__(stream, shard_id)
        self.stream = stream
        self.shard_id = shard_id
