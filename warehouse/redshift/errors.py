"""What the warehouse refuses, in Redshift's words where it has some.

RedshiftError                 the statement failed
├── CancelledError            it was cancelled, or ran for longer than statement_timeout
├── EndedSessionError         its session ended, as the warehouse was restored from a snapshot
├── FailedTransactionError    the transaction has failed before, and waits for its ROLLBACK
├── LoadError                 a COPY failed, and at which file
├── NotSupportedError         Redshift has it and this warehouse has not: it is refused by name
└── ParameterError            the statement and its parameters do not fit each other: it is not even begun
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.redshift.copy.failures import Failure


class RedshiftError(Exception):
    """The statement failed; the message is what a client is shown.

    Attributes:
        number: Of the statement in its batch, from 1; the session sets it.
        sqlstate: https://www.postgresql.org/docs/current/errcodes-appendix.html
    """

    number: int = 1

    def __init__(self, message: str, sqlstate: str = "XX000") -> None:
        """Take what the client is shown and its code."""
        super().__init__(message)
        self.sqlstate = sqlstate


class CancelledError(RedshiftError):
    """The statement was cancelled."""

    def __init__(self, *, is_requested: bool) -> None:
        """Say by whom: the user, or the session's statement_timeout."""
        reason = "user's request" if is_requested else "statement timeout"
        super().__init__(f"canceling statement due to {reason}", "57014")


class EndedSessionError(RedshiftError):
    """The session ended before its client did."""

    def __init__(self) -> None:
        """Say why; the code is that of a server that ends its connections."""
        super().__init__(
            "terminating connection: the warehouse was restored from a snapshot; connect again", "57P01"
        )


class FailedTransactionError(RedshiftError):
    """The transaction has failed before."""

    def __init__(self) -> None:
        """Say what ends it."""
        super().__init__(
            "current transaction is aborted, commands ignored until end of transaction block", "25P02"
        )


class LoadError(RedshiftError):
    """A COPY failed at a file."""

    def __init__(self, filename: str, reason: str, failures: "Sequence[Failure]" = ()) -> None:
        """Name the file, as a URL, say why, and which rows are wrong where it was rows."""
        super().__init__(f"`{filename}`: {reason}")
        self.filename = filename
        self.reason = reason
        self.failures = failures


class NotSupportedError(RedshiftError):
    """Redshift has it and this warehouse has not."""

    def __init__(self, feature: str) -> None:
        """Name what is not supported."""
        super().__init__(f"not supported by this warehouse, and nothing was done: {feature}", "0A000")
        self.feature = feature


class ParameterError(RedshiftError):
    """A parameter is missing, or nothing uses it."""
