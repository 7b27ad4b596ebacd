"""What can be wrong with a snapshot, and what the API of clusters refuses.

ClusterError          a request was refused, by AWS's code
SnapshotError         a snapshot could not be taken or restored
└── DamagedError      what is stored is not what was taken
"""

INVALID = "InvalidParameterValue"
UNSUPPORTED = "UnsupportedOperation"


class SnapshotError(Exception):
    """A snapshot could not be taken or restored; the message says why."""


class DamagedError(SnapshotError):
    """What is stored is not what was taken."""

    def __init__(self, identifier: str, what: str) -> None:
        """Name the snapshot, and say what is wrong with it."""
        super().__init__(identifier, what)
        self.identifier = identifier
        self.what = what

    def __str__(self) -> str:
        """Say which snapshot it is, and what is wrong with it."""
        return f"snapshot `{self.identifier}` is damaged: {self.what}"


class ClusterError(Exception):
    """A request was refused; `code` is AWS's name for why, and `status` the answer's in HTTP."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        """Take AWS's name for it, and the message."""
        super().__init__(code, message, status)
        self.code = code
        self.message = message
        self.status = status

    def __str__(self) -> str:
        """Say what is refused."""
        return self.message
